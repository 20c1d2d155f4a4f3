"""Variables in files for hosts of applications."""

import pytest

from bot.project.platform_variables import PLATFORM_FILES, parse_app_json, parse_render_yaml


def test_app_json_has_values_and_descriptions() -> None:
    text = """{"env": {"A": "1", "B": {"value": "2"}, "C": {"description": "c"},
        "D": {"generator": "secret"}, "E": true, "F": {"value": 3}, "not a name": "1"}}"""
    assert parse_app_json(text) == {"A": "1", "B": "2", "E": "true", "F": "3"}


def test_render_yaml_has_values_by_service() -> None:
    text = """\
services:
  - type: web
    envVars:
      - {key: PORT, value: 10000}
      - {key: SECRET, generateValue: true}
      - {fromGroup: common}
  - type: worker
    envVars: [{key: MODE, value: batch}]
"""
    assert parse_render_yaml(text) == {"PORT": "10000", "MODE": "batch"}


@pytest.mark.parametrize("name", PLATFORM_FILES)
@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '{"env": 1, "services": 1}', '{"env": [1], "services": [1]}']
)
def test_other_texts_have_no_variables(name: str, text: str) -> None:
    assert PLATFORM_FILES[name](text) == {}
