"""Lost programs: what the new image lacks, or has from its base in another version."""

from typing import Any

import pytest

from bot.image.open_image import OpenImage
from bot.verify.checks import changed_files, entry_point, executed_programs
from bot.verify.lost_programs import find_lost_program, is_replaced_link, list_lost_programs
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

SCRIPT = "#!/usr/bin/env node\n"
# The image of Node has a Yarn of its own.
BASE = {**SHELL, "!usr/bin/node": "\x7fELF", "!opt/yarn-1.22.19/yarn.js": SCRIPT}
BASE_LINK = {"@usr/local/bin/yarn": "/opt/yarn-1.22.19/yarn.js"}
INSTALLED = {
    "!usr/local/lib/node_modules/yarn/yarn.js": f"{SCRIPT}// 1.22.22",
    "@usr/local/bin/yarn": "../lib/node_modules/yarn/yarn.js",
}
START: dict[str, Any] = {"workdir": "/app", "command": ("node", "index.js")}


def make_old(source: str = "", **config: Any) -> OpenImage:
    return make_image(BASE, run=INSTALLED, copy={"app/index.js": source}, **{**START, **config})


def make_new(source: str = "", **config: Any) -> OpenImage:
    files = {"app/index.js": source}
    return make_image({**BASE, **BASE_LINK}, copy=files, **{**START, **config})


def test_the_version_of_the_base_is_in_place_of_the_installed_one() -> None:
    pair = make_image_pair(make_old(), make_new())
    assert find_lost_program(pair, "yarn") == "usr/local/lib/node_modules/yarn/yarn.js"
    assert list_lost_programs(pair) == {"yarn": ""}
    assert is_replaced_link(pair, "usr/local/bin/yarn")
    assert list_subjects(changed_files.check(pair)) == []


def test_a_program_of_both_bases_is_not_lost() -> None:
    pair = make_image_pair(make_old(), make_new())
    assert find_lost_program(pair, "node") is None
    assert find_lost_program(pair, "git") is None


def test_a_program_that_the_new_image_installs_as_well_is_not_lost() -> None:
    new = make_image(BASE, run=INSTALLED, copy={"app/index.js": ""}, **START)
    pair = make_image_pair(make_old(), new)
    assert find_lost_program(pair, "yarn") is None
    assert not is_replaced_link(pair, "usr/local/bin/yarn")


@pytest.mark.parametrize(
    "source",
    ['require("child_process").execSync("yarn outdated")', 'spawn("yarn", ["run", "job"])'],
)
def test_an_application_that_calls_it_gets_the_installed_version(source: str) -> None:
    pair = make_image_pair(make_old(source), make_new(source))
    assert "yarn" in list_subjects(executed_programs.check(pair))


def test_a_command_that_calls_it_gets_the_installed_version() -> None:
    command: dict[str, Any] = {"command": ("yarn", "start")}
    pair = make_image_pair(make_old(**command), make_new(**command))
    assert "yarn" in list_subjects(entry_point.check(pair))


def test_a_link_of_the_application_is_no_program_of_the_base() -> None:
    old = make_image(BASE, copy={"!app/a": "1", "@app/current": "a"}, **START)
    new = make_image(BASE, copy={"!app/b": "2", "@app/current": "b"}, **START)
    pair = make_image_pair(old, new)
    assert not is_replaced_link(pair, "app/current")
    assert list_subjects(changed_files.check(pair)) == ["app/current"]
