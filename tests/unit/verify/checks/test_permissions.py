"""Modes and owners as whom the command runs as feels them; files that are others."""

from dataclasses import replace

import pytest

from bot.image.elf.dynamic_linker import ElfInfo
from bot.verify.checks import changed_files, permissions
from tests.support.image_pair_world import SHELL, exhibit, piece, subjects


def rights_of(old: str, new: str, user: str = "app", number: str = "app") -> list[str]:
    before = piece(SHELL, run={old: "x"}, workdir="/app", user=user)
    after = piece(SHELL, copy={new: "x"}, workdir="/app", user=number)
    return subjects(permissions.check(exhibit(before, after)))


def test_a_user_of_a_package_may_have_another_number() -> None:
    users, groups = "root:x:0:0::/:/bin/sh\nredis:x:%d:0::/:/bin/sh\n", "redis:x:%d:\n"
    old, new = (
        {**SHELL, "etc/passwd": users % number, "etc/group": groups % number}
        for number in (101, 104)
    )
    before = piece(old, run={"srv/data/~101%700": ""}, workdir="/app")
    assert (
        subjects(permissions.check(exhibit(before, piece(new, run={"srv/data/~104%700": ""}))))
        == []
    )
    assert (
        subjects(permissions.check(exhibit(before, piece(new, run={"srv/data/~101%700": ""}))))
        == []
    )
    other = piece(new, run={"srv/data/~102%700": ""})
    assert subjects(permissions.check(exhibit(before, other))) == ["srv/data"]


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
    old, new = piece(SHELL, run={"app/x~7": ""}), piece(SHELL, copy={"app/x~7": ""})
    mine = dict(old.image.tree)
    mine["app/x"] = mine["app/x"]._replace(gid=0)
    loose = replace(old, image=replace(old.image, tree=mine))
    assert subjects(permissions.check(exhibit(loose, new))) == []
    assert subjects(permissions.check(exhibit(new, loose))) == ["app/x"]


def test_tmp_is_writable_for_everybody() -> None:
    old, new = piece({**SHELL, "tmp/%1777": ""}), piece({**SHELL, "tmp/%755": ""})
    assert subjects(permissions.check(exhibit(old, new))) == ["tmp"]


def contents_of(path: str, by: str = "copy", program: bool = False) -> list[str]:
    elves = {path: ElfInfo()} if program else {}
    old = piece(SHELL, **{by: {path: "old"}}, elves=elves, workdir="/app")  # type: ignore[arg-type]
    new = piece(SHELL, copy={path: "newer"}, elves=elves, workdir="/app")
    return subjects(changed_files.check(exhibit(old, new)))


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
    old = piece(SHELL, copy={"@app/current": "one", "app/one": "", "app/two": ""}, workdir="/app")
    new = piece(SHELL, copy={"@app/current": "two", "app/one": "", "app/two": ""}, workdir="/app")
    assert subjects(changed_files.check(exhibit(old, new))) == ["app/current"]
