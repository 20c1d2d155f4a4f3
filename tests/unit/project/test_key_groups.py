"""Each key of the configuration file is in a group: the revision that may set it."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from bot.line.declared_images import RevisionConfigs
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.spec import ImageSpec
from bot.project.config_file import ProjectConfig, parse_config
from bot.project.key_groups import KEY_GROUPS, KeyGroup
from bot.project.trusted_needs import find_needs_source
from bot.pull_request.event import Commit

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/configuration.md").read_text("utf-8")
SCHEMA = json.loads(
    resources.files("bot.project").joinpath("config.schema.json").read_text("utf-8")
)
HEAD, BASE = (ReviewedRevision(Commit(letter * 40), letter) for letter in "ab")

# A value for each key that only base's file sets, and another one for head's.
BASE_VALUES = {
    "images[].secrets": ("['id=a,env=A']", "['id=a,env=B']"),
    "images[].secret-files": ("['a=b']", "{a: c}"),
    "images[].secret-envs": ("['a=B']", "{a: C}"),
    "images[].ssh": ("[default]", "[other]"),
    "images[].network": ("none", "host"),
    "images[].add-hosts": ("['a:10.0.0.1']", "{a: 10.0.0.2}"),
    "images[].prepare": ("{image: a, run: [b]}", "{image: a, run: [c]}"),
    "images[].build-timeout": ("1", "2"),
    "images[].cache-from": ("[a/b]", "['type=gha,scope=mine']"),
    "images[].cache-to": ("[type=gha]", "['type=registry,ref=a/b']"),
    "images[].baseline": ("docker://a", "docker://b"),
    "builder": ("big", "other"),
    "approve": ("{label: big}", "{label: bug}"),
    "comment": ("always", "never"),
    "comment-threshold": ("1MB", "2MB"),
    "history": ("branch:sizes", "dir:sizes"),
    "commit-status": ("size", "required/security-scan"),
}


def settings_of(config: ProjectConfig) -> tuple[object, ...]:
    image = find_needs_source(config, ImageSpec("app", "Dockerfile", "."))
    needs = (image.needs, image.baseline)
    comments = (config.comment, config.comment_threshold)
    label, status, builder = config.approve_label, config.commit_status, config.builder
    return label, comments, status, config.history, builder, needs


def write_key(key: str, value: str) -> ProjectConfig:
    name = key.removeprefix("images[].")
    is_of_image = name != key
    entry = f"images: [{{name: app, dockerfile: Dockerfile, {name}: {value}}}]"
    return parse_config(entry if is_of_image else f"{key}: {value}", "x.yml")


def test_each_key_of_the_schema_is_in_a_group() -> None:
    image = SCHEMA["$defs"]["image"]["properties"]
    keys = {*SCHEMA["properties"], *(f"images[].{key}" for key in image)}
    assert keys - {"defaults"} == KEY_GROUPS.keys()


def test_the_defaults_have_the_keys_of_an_image() -> None:
    image, defaults = (SCHEMA["$defs"][name]["properties"] for name in ("image", "defaults"))
    assert image.keys() - defaults.keys() == {"name", "dockerfile"}
    assert defaults.keys() < image.keys()


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
    base, head = (write_key(key, value) for value in BASE_VALUES[key])
    request = ReviewRequest(HEAD, RevisionConfigs(head, base), BASE)
    assert settings_of(request.trusted_config) == settings_of(base) != settings_of(head)


@pytest.mark.parametrize("key", BASE_VALUES)
def test_without_a_file_of_base_a_key_of_base_has_its_default(key: str) -> None:
    head = write_key(key, BASE_VALUES[key][1])
    request = ReviewRequest(HEAD, RevisionConfigs(head), BASE)
    assert settings_of(request.trusted_config) == settings_of(ProjectConfig())


def test_where_nothing_is_compared_the_file_of_the_revision_holds() -> None:
    head = parse_config("comment: never", "x.yml")
    assert ReviewRequest(HEAD, RevisionConfigs(head)).trusted_config == head
    accepted = ReviewRequest(HEAD, RevisionConfigs(head, ProjectConfig()), BASE, is_accepted=True)
    assert accepted.trusted_config == head
