"""Modes and owners as whom the command runs as feels them; files that are others."""

from dataclasses import replace

import pytest

from bot.image.elf.dynamic_linker import ElfInfo
from bot.verify.checks import changed_files, permissions
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair


def rights_of(old: str, new: str, user: str = "app", number: str = "app") -> list[str]:
    before = make_image(SHELL, run={old: "x"}, workdir="/app", user=user)
    after = make_image(SHELL, copy={new: "x"}, workdir="/app", user=number)
    return list_subjects(permissions.check(make_image_pair(before, after)))


def test_a_user_of_a_package_may_have_another_number() -> None:
    users, groups = "root:x:0:0::/:/bin/sh\nredis:x:%d:0::/:/bin/sh\n", "redis:x:%d:\n"
    old, new = (
        {**SHELL, "etc/passwd": users % number, "etc/group": groups % number}
        for number in (101, 104)
    )
    before = make_image(old, run={"srv/data/~101%700": ""}, workdir="/app")
    assert (
        list_subjects(
            permissions.check(
                make_image_pair(before, make_image(new, run={"srv/data/~104%700": ""}))
            )
        )
        == []
    )
    assert (
        list_subjects(
            permissions.check(
                make_image_pair(before, make_image(new, run={"srv/data/~101%700": ""}))
            )
        )
        == []
    )
    other = make_image(new, run={"srv/data/~102%700": ""})
    assert list_subjects(permissions.check(make_image_pair(before, other))) == ["srv/data"]


@pytest.mark.parametrize(
    ("old", "new", "user"),
    [
        ("!app/run", "app/run", "root"),
        ("!usr/local/bin/run", "usr/local/bin/run", "root"),
        ("app/data/~7", "app/data/", "app"),
        ("data/~7%750", "data/%750", "app"),
        ("app/x~7%600", "app/x%600", "app"),
        ("app/x%666", "app/x%644", "app"),
        ("usr/bin/x%4755", "usr/bin/x%755", "root"),
    ],
)
def test_lost_permissions_are_reported(old: str, new: str, user: str) -> None:
    assert rights_of(old, new, user, user) == [
        old.strip("!").partition("~")[0].partition("%")[0].strip("/")
    ]
    assert rights_of(new, new, user, user) == []


def test_the_owner_counts_even_where_root_runs() -> None:
    """The entry point may change to the user that the folder belongs to."""
    assert rights_of("app/data/%777", "app/data/", "root", "root") == []
    assert rights_of("app/data/~7", "app/data/", "root", "root") == ["app/data"]


def test_groups_other_than_roots_count() -> None:
    old, new = make_image(SHELL, run={"app/x~7": ""}), make_image(SHELL, copy={"app/x~7": ""})
    tree = dict(old.image.tree)
    tree["app/x"] = tree["app/x"]._replace(gid=0)
    loose = replace(old, image=replace(old.image, tree=tree))
    assert list_subjects(permissions.check(make_image_pair(loose, new))) == []
    assert list_subjects(permissions.check(make_image_pair(new, loose))) == ["app/x"]


def test_tmp_is_writable_for_everybody() -> None:
    old, new = make_image({**SHELL, "tmp/%1777": ""}), make_image({**SHELL, "tmp/%755": ""})
    assert list_subjects(permissions.check(make_image_pair(old, new))) == ["tmp"]


def contents_of(path: str, by: str = "copy", program: bool = False) -> list[str]:
    elves = {path: ElfInfo()} if program else {}
    old = make_image(SHELL, **{by: {path: "old"}}, elves=elves, workdir="/app")  # type: ignore[arg-type]
    new = make_image(SHELL, copy={path: "newer"}, elves=elves, workdir="/app")
    return list_subjects(changed_files.check(make_image_pair(old, new)))


def test_copied_files_may_not_differ() -> None:
    assert contents_of("app/config.yml") == ["app/config.yml"]
    assert contents_of("etc/app.conf") == ["etc/app.conf"]


def test_built_files_may_differ() -> None:
    assert contents_of("app/server", "run", program=True) == []
    assert contents_of("app/app.jar", "run") == []
    assert contents_of("app/__pycache__/x.pyc", "run") == []
    assert contents_of("app/.venv/lib/a-1.dist-info/uv_cache.json", "run") == []  # has a time in it
    assert contents_of("app/dist/main.js", "run") == ["app/dist/main.js"]


def test_a_link_with_another_target() -> None:
    old = make_image(
        SHELL, copy={"@app/current": "one", "app/one": "", "app/two": ""}, workdir="/app"
    )
    new = make_image(
        SHELL, copy={"@app/current": "two", "app/one": "", "app/two": ""}, workdir="/app"
    )
    assert list_subjects(changed_files.check(make_image_pair(old, new))) == ["app/current"]


def test_what_each_installation_draws_anew_may_differ() -> None:
    path = "var/lib/dbus/machine-id"
    old, new = (make_image(SHELL, run={path: x, "srv/machine-id": x}) for x in ("one", "two"))
    assert list_subjects(changed_files.check(make_image_pair(old, new))) == ["srv/machine-id"]


def test_a_bit_that_a_run_gave_to_the_program_of_a_package() -> None:
    owned = {"usr/sbin/cron": "cron"}
    old = make_image(SHELL, run={"usr/sbin/cron%4755": "x"}, packages=owned, workdir="/app")
    new = make_image(SHELL, run={"usr/sbin/cron%755": "x"}, packages=owned, workdir="/app")
    assert list_subjects(permissions.check(make_image_pair(old, new))) == ["usr/sbin/cron"]
    assert list_subjects(permissions.check(make_image_pair(old, old))) == []
