"""Each key of the configuration file is in a group: the revision that may set it."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from bot.line.declared_images import RevisionConfigs
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.project.config_file import ProjectConfig, parse_config
from bot.project.key_groups import KEY_GROUPS, KeyGroup
from bot.pull_request.event import Commit

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/configuration.md").read_text("utf-8")
SCHEMA = json.loads(
    resources.files("bot.project").joinpath("config.schema.json").read_text("utf-8")
)
HEAD, BASE = (ReviewedRevision(Commit(letter * 40), letter) for letter in "ab")

# A value for each key that only base's file sets, and another one for head's.
BASE_VALUES = {
    "approve": ("{label: big}", "{label: bug}"),
    "comment": ("changes", "never"),
    "commit-status": ("size", "required/security-scan"),
}


def settings_of(config: ProjectConfig) -> tuple[str | None, ...]:
    return config.approve_label, config.comment, config.commit_status


def test_each_key_of_the_schema_is_in_a_group() -> None:
    image = SCHEMA["$defs"]["image"]["properties"]
    keys = {*SCHEMA["properties"], *(f"images[].{key}" for key in image)}
    assert keys == KEY_GROUPS.keys()


def test_the_page_has_the_same_table() -> None:
    section = PAGE.partition("## Who may set what")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", section, re.MULTILINE)[2:]
    documented = {key: group for keys, group in rows for key in re.findall(r"`([^`]+)`", keys)}
    assert documented == {key: group.value for key, group in KEY_GROUPS.items()}


def test_a_key_of_base_has_an_example_here() -> None:
    assert BASE_VALUES.keys() == {
        key for key, group in KEY_GROUPS.items() if group is KeyGroup.BASE
    }


@pytest.mark.parametrize("key", BASE_VALUES)
def test_a_key_of_base_is_taken_from_base(key: str) -> None:
    base, head = (parse_config(f"{key}: {value}", "x.yml") for value in BASE_VALUES[key])
    request = ReviewRequest(HEAD, RevisionConfigs(head, base), BASE)
    assert settings_of(request.trusted_config) == settings_of(base) != settings_of(head)


@pytest.mark.parametrize("key", BASE_VALUES)
def test_without_a_file_of_base_a_key_of_base_has_its_default(key: str) -> None:
    head = parse_config(f"{key}: {BASE_VALUES[key][1]}", "x.yml")
    request = ReviewRequest(HEAD, RevisionConfigs(head), BASE)
    assert settings_of(request.trusted_config) == settings_of(ProjectConfig())


def test_where_nothing_is_compared_the_file_of_the_revision_holds() -> None:
    head = parse_config("comment: never", "x.yml")
    assert ReviewRequest(HEAD, RevisionConfigs(head)).trusted_config == head
    accepted = ReviewRequest(HEAD, RevisionConfigs(head, ProjectConfig()), BASE, is_accepted=True)
    assert accepted.trusted_config == head
