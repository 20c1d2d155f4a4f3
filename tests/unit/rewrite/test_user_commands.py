"""Users that a Dockerfile creates, created again in the last stage."""

import pytest

from bot.rewrite.user_commands import (
    CreatedUser,
    build_user_commands,
    list_created_groups,
    list_created_users,
)
from tests.support.rewrite_world import make_facts

APP = "user app 1000:1000 /home/app /bin/bash\n"


def commands(lines: str, users: str = APP, installer: str = "apt") -> list[str]:
    facts = make_facts(f"FROM x\n{lines}\n", users)
    return [
        command
        for account in list_created_users(facts)
        for command in build_user_commands(account, installer)
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "USER app",
        "RUN id app",
        "RUN userdel app",
        "RUN useradd",
        "RUN useradd $NAME",
        "RUN useradd bob",
    ],
)
def test_an_image_without_created_users(lines: str) -> None:
    assert commands(lines) == []


@pytest.mark.parametrize(
    ("lines", "home"),
    [
        ("RUN useradd app", "--no-create-home"),
        ("RUN useradd -u 1000 -s /bin/bash app", "--no-create-home"),
        ("RUN useradd -m app", "--create-home"),
        ("RUN useradd --create-home --shell /bin/bash app && echo app", "--create-home"),
        ("RUN adduser --disabled-password --gecos '' app", "--create-home"),
        ("RUN adduser --disabled-password --no-create-home app", "--no-create-home"),
        ("RUN set -eux; groupadd -g 1000 app; \\\n    useradd -M -g app app", "--no-create-home"),
    ],
)
def test_a_user_on_debian(lines: str, home: str) -> None:
    assert commands(lines) == [
        "groupadd --gid 1000 app",
        f"useradd --no-log-init --uid 1000 --gid app {home} --home-dir /home/app --shell /bin/bash app",
    ]


def test_a_user_of_the_system_in_further_groups() -> None:
    users = "user web 101:102 /nonexistent /usr/sbin/nologin in video\n"
    group, user = commands("RUN useradd -r web", users)
    assert group == "groupadd --system --gid 102 web"
    assert user.startswith("useradd --system --no-log-init --uid 101 --gid web --groups video ")


def test_a_user_on_alpine() -> None:
    users = "release alpine 3.20\nuser app 100:101 /home/app /bin/ash in video\n"
    assert commands("RUN addgroup -S app && adduser -S -G app app", users, "apk") == [
        "addgroup -g 101 app",
        "adduser -D -u 100 -G app -h /home/app -s /bin/ash app",
        "addgroup app video",
    ]
    assert " -D -H " in commands("RUN adduser -D -H app", users, "apk")[1]


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        ("RUN groupadd --gid 44 video && useradd -G video app", [("video", 44)]),
        ("RUN groupadd app && useradd -g app app", []),
        ("RUN addgroup -g 44 -S video", [("video", 44)]),
        ("RUN addgroup app video", []),
        ("RUN groupadd ghost", []),
        ("RUN groupadd", []),
    ],
)
def test_groups_without_a_user(lines: str, groups: list[tuple[str, int]]) -> None:
    facts = make_facts(f"FROM x\n{lines}\n", "user app 1000:1000 /home/app /bin/sh in video\n")
    assert list(list_created_groups(facts, list_created_users(facts))) == groups


def test_the_comment_of_a_user_is_kept() -> None:
    user = "user app 1000:1000 /home/app /bin/sh called Our app"
    assert " --comment 'Our app' app" in commands("RUN useradd app", user)[1]
    alpine = commands("RUN adduser -D app", f"release alpine 3.20\n{user}", "apk")
    assert " -g 'Our app' app" in alpine[1]


def test_the_default_comment_of_adduser_is_dropped() -> None:
    user = "user app 1000:1000 /home/app /bin/sh called ,,,"
    assert "--comment" not in commands("RUN adduser app", user)[1]


def test_a_name_in_front_of_options() -> None:
    """`adduser app --disabled-password`: the last word is an option."""
    assert len(commands("RUN adduser app --disabled-password")) == 2


def test_a_user_that_a_failed_attempt_missed() -> None:
    facts = make_facts("FROM x\nUSER app\n", APP)
    assert [account.name for account in list_created_users(facts, ["app", "ghost"])] == ["app"]


@pytest.mark.parametrize("numbers", ["app:1000", "1000:app", "-1:1000", "1" * 5_000 + ":1"])
def test_a_line_of_passwd_without_numbers_is_no_user(numbers: str) -> None:
    assert commands("RUN useradd app", f"user app {numbers} /home/app /bin/sh\n") == []


def test_home_and_shell_are_words_of_the_command() -> None:
    account = CreatedUser("app", 1000, 1000, "/home/a b", "/bin/sh;id", ("app",))
    assert (
        "--home-dir '/home/a b' --shell '/bin/sh;id' app"
        in list(build_user_commands(account, "apt"))[1]
    )
    assert "-h '/home/a b' -s '/bin/sh;id' app" in list(build_user_commands(account, "apk"))[1]


def test_a_group_that_every_image_has_is_not_made() -> None:
    account = CreatedUser("app", 1000, 100, "/home/app", "")
    assert list(build_user_commands(account, "apt")) == [
        "useradd --no-log-init --uid 1000 --gid 100 --no-create-home --home-dir /home/app --shell /bin/sh app"
    ]
