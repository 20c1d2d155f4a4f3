"""Users and groups of an image."""

import pytest

from bot.image.filesystem.users import User, read_groups, read_users, resolve_user

PASSWD = "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/app:/bin/sh\napp:x:7:7::/:/bin/sh\n"
GROUP = "root:x:0:\nwheel:x:10:app,other\n"
ENDLESS = "9" * 5000  # more digits than CPython's int() takes from text


def resolve(setting: str) -> User | None:
    return resolve_user(setting, read_users(PASSWD), read_groups(GROUP))


def test_users_are_resolved_by_name_and_by_number() -> None:
    app = User("app", 1000, 1000, "/app", frozenset({10}))
    assert (resolve("app"), resolve("1000")) == (app, app)
    assert resolve("") == resolve("0") == User("root", 0, 0, "/root")
    assert resolve("app:wheel") == User("app", 1000, 10, "/app")
    assert resolve("4000:5000") == User("4000", 4000, 5000)
    assert resolve("4000") == User("4000", 4000, 0)


@pytest.mark.parametrize("setting", ["nobody", "app:nobody", "-1", "2147483648", "\u0661", ENDLESS])
def test_a_user_that_the_engine_refuses_is_none(setting: str) -> None:
    assert resolve(setting) is None
    assert resolve(f"0:{setting}") is None


@pytest.mark.parametrize("number", ["", "x", "-1", "\u0661", ENDLESS])
def test_entries_without_a_number_are_left_out(number: str) -> None:
    assert read_users(f"a:x:{number}:0::/:\nb:x:0:{number}::/:\nc:x:1:1::/:\n").keys() == {"c"}
    assert read_groups(f"a:x:{number}:\nb:x:1:\n").keys() == {"b"}
