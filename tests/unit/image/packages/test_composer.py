"""PHP's packages, from documents written by hand in Composer's documented format."""

import json

import pytest

from tests.support.packages.layers import layer, list_packages, owned

PLACE = "app/vendor/composer/installed.json"
MONOLOG = {"name": "monolog/monolog", "version": "3.5.0"}


@pytest.mark.parametrize(
    "document",
    [
        {"packages": [{**MONOLOG, "install-path": "../monolog/monolog"}], "dev": True},
        {"packages": [MONOLOG]},
        [MONOLOG],
    ],
)
def test_a_package_owns_its_folder(document: object) -> None:
    text = json.dumps(document)
    index = layer({PLACE: text, "app/vendor/monolog/monolog/src/Logger.php": "x" * 9})
    assert owned(index) == [
        {"directory /app/vendor/composer": len(text), "other monolog/monolog 3.5.0": 9}
    ]


@pytest.mark.parametrize(
    "text", ["", "[", "null", "3", '{"packages": {"a": 1}}', '[1, {"name": 2}]']
)
def test_other_json_has_no_packages(text: str) -> None:
    assert list_packages({PLACE: text}) == []


def test_installed_json_of_another_tool_is_ignored() -> None:
    assert list_packages({"app/installed.json": json.dumps([MONOLOG])}) == []
