"""What builds need is base's to say: a change cannot set it for its own review."""

import pytest

from bot.model.report import GateKind, ImageState, Outcome
from bot.model.spec import BuildNeeds, ImageSpec, SecretKind, SecretSource
from bot.project.config_file import parse_config
from bot.project.image_plan import PlannedImage
from bot.project.trusted_needs import drop_needs, find_needs_source, list_need_changes, set_needs

PATH = "c.yml"
WITH_SECRET = """\
defaults: {network: none}
images:
  - {name: api, dockerfile: api/Dockerfile, secret-envs: [npm=NPM_TOKEN], baseline: docker://x/api}
"""


def describe(base: str, head: str) -> list[str]:
    old, new = parse_config(base, PATH), parse_config(head, PATH)
    changes = list(list_need_changes(old, new, PATH))
    assert {change.result for change in changes} <= {Outcome.WARN}
    assert {change.kind for change in changes} <= {GateKind.BUILD_NEEDS}
    return [f"{x.subject}: {x.before} → {x.after}" for x in changes]


@pytest.mark.parametrize(
    ("name", "dockerfile", "network", "secrets"),
    [
        ("api", "api/Dockerfile", "none", ["npm"]),
        ("api", "moved/Dockerfile", "none", ["npm"]),
        ("other", "api/Dockerfile", "none", ["npm"]),
        ("other", "other/Dockerfile", "none", []),
    ],
)
def test_an_image_has_the_needs_of_its_name_or_dockerfile(
    name: str, dockerfile: str, network: str, secrets: list[str]
) -> None:
    source = find_needs_source(parse_config(WITH_SECRET, PATH), ImageSpec(name, dockerfile, "."))
    assert (source.needs.network, [x.id for x in source.needs.secrets]) == (network, secrets)


def test_both_sides_get_the_same_needs() -> None:
    secret = SecretSource("npm", SecretKind.FILE, "key")
    source = ImageSpec("a", "D", ".", needs=BuildNeeds((secret,)), baseline="docker://x")
    old = ImageSpec("a", "D", ".", needs=BuildNeeds(network="host"))
    image = set_needs(PlannedImage(old, old, ImageState.CHANGED), source)
    for side in (image.base, image.head):
        assert side is not None
        assert (side.needs, side.baseline) == (source.needs, "docker://x")


def test_a_configuration_without_needs_keeps_the_rest() -> None:
    dropped = drop_needs(parse_config(WITH_SECRET, PATH))
    bare = parse_config("images: [{name: api, dockerfile: api/Dockerfile}]", PATH)
    assert dropped == bare


def test_what_head_says_of_an_image_is_listed_with_names_alone() -> None:
    bare = "images: [{name: api, dockerfile: api/Dockerfile}]"
    assert describe(bare, WITH_SECRET) == [
        "`network` of all images, ignored until it is merged: not set → none",
        "`secrets` of the image api, ignored until it is merged: "
        "not set → npm (environment NPM_TOKEN)",
        "`baseline` of the image api, ignored until it is merged: not set → docker://x/api",
    ]


def test_equal_needs_are_no_change() -> None:
    assert describe(WITH_SECRET, WITH_SECRET) == []
    new_image = WITH_SECRET + "  - {name: web, dockerfile: web/Dockerfile}\n"
    assert describe(WITH_SECRET, new_image) == []


def test_commands_and_times_are_listed() -> None:
    prepared = "defaults: {prepare: {image: node, run: [npm ci]}, build-timeout: 1.5}"
    assert describe("{}", prepared) == [
        "`prepare` of all images, ignored until it is merged: not set → node; npm ci",
        "`build-timeout` of all images, ignored until it is merged: not set → 1.5 minutes",
    ]


def test_another_builder_is_listed_and_dropped() -> None:
    assert describe("builder: big", "builder: other") == [
        "`builder` of all images, ignored until it is merged: big → other"
    ]
    assert describe("builder: big", "builder: big") == []
    assert drop_needs(parse_config("builder: big", PATH)) == parse_config("{}", PATH)


def test_caches_are_listed() -> None:
    caches = "defaults: {cache-from: [a/b], cache-to: ['type=gha,mode=max']}"
    assert describe("{}", caches) == [
        "`cache-from` of all images, ignored until it is merged: not set → type=registry,ref=a/b",
        "`cache-to` of all images, ignored until it is merged: not set → type=gha,mode=max",
    ]
