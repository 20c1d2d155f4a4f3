"""The package.json that npm reads."""

import pytest

from bot.rewrite.package_json import find_package_folder, read_package
from tests.support.rewrite_world import make_facts

TEXT = "FROM x\nCOPY . /\nWORKDIR /app/lib\n"


def test_the_nearest_folder_upwards_is_the_projects() -> None:
    assert find_package_folder(make_facts(TEXT, "app/package.json 1kB @2")) == "app"
    both = "app/package.json 1kB @2\napp/lib/package.json 1kB @2"
    assert find_package_folder(make_facts(TEXT, both)) == "app/lib"
    assert find_package_folder(make_facts(TEXT, "package.json 1kB @2")) == ""
    assert find_package_folder(make_facts(TEXT, "app/other/package.json 1kB @2")) == ""


def test_an_object_is_read() -> None:
    facts = make_facts(TEXT, 'app/package.json 1kB @2 = {"name": "shop"}')
    assert read_package(facts, "app") == {"name": "shop"}


@pytest.mark.parametrize("text", ["null", "[1]", "{", "7", "[" * 20_000])
def test_what_is_no_object_is_empty(text: str) -> None:
    assert read_package(make_facts(TEXT, f"app/package.json 20kB @2 = {text}"), "app") == {}
