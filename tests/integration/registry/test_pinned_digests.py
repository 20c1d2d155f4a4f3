"""Base images at the digests that they had before, from a registry and without an engine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.image_pins import ImagePinner
from bot.model.image import BaseImage
from tests.support.registry.stand_in import RegistryStandIn, Status
from tests.support.tar_world import Part, config, digest, file, image, index, layer_tar, layout

LAYERS = {name: layer_tar(file(name, 1000)) for name in ("old", "new")}
OLD, NEW = (image(LAYERS[name], compression="gzip") for name in ("old", "new"))
PLATFORM = "linux/amd64"


def named(part: Part, tag: str) -> Part:
    return part.with_annotations(**{"org.opencontainers.image.ref.name": tag})


@pytest.fixture
def registry() -> Iterator[RegistryStandIn]:
    """Run a registry in which the tag `latest` has moved on from an image that is still there."""
    with RegistryStandIn(layout(named(NEW, "latest"), named(OLD, "before"))) as running:
        yield running


def make_pinner() -> ImagePinner:
    return ImagePinner(EngineHandle({}), {}, lambda: False, lambda: PLATFORM)


def find_base(layer: str) -> BaseImage:
    return BaseImage((digest(LAYERS[layer]),))


def test_an_image_is_pinned_at_the_digest_that_it_had(registry: RegistryStandIn) -> None:
    name, old = f"{registry.host}/app", OLD.top["digest"]
    pins = make_pinner().pin_digests({name: old}, PLATFORM)
    assert pins.resolved == {name: f"{registry.host}/app@{old}"}
    assert (pins.digests, pins.base_images) == ({name: old}, {name: find_base("old")})
    assert not registry.requests_for("/blobs/.*" + digest(LAYERS["old"]))


def test_an_image_that_has_not_moved_is_asked_for_once(registry: RegistryStandIn) -> None:
    name, new = f"{registry.host}/app", NEW.top["digest"]
    pinner = make_pinner()
    pins = pinner.pin_digests({name: new}, PLATFORM)
    assert pins.resolved == {name: f"{registry.host}/app@{new}"}
    assert pins == pinner.pin_digests({name: new}, PLATFORM)
    assert len(registry.requests_for("/manifests/")) == 1


def test_today_is_what_a_tag_has_now(registry: RegistryStandIn) -> None:
    name = f"{registry.host}/app"
    pinner = make_pinner()
    before = pinner.pin_digests({name: OLD.top["digest"]}, PLATFORM)
    today = pinner.pin_images([name], PLATFORM)
    assert today.digests == {name: NEW.top["digest"]}
    assert today.override(before).digests == {name: OLD.top["digest"]}
    assert pinner.find_base_image(name, PLATFORM) == find_base("new")


@pytest.mark.parametrize(
    "kind", ["gone", "refused", "other platform", "forged", "no image", "digest"]
)
def test_what_cannot_be_had_any_more_is_left_out(registry: RegistryStandIn, kind: str) -> None:
    name, old = f"{registry.host}/app", OLD.top["digest"]
    if kind == "gone":
        registry.members = layout(named(NEW, "latest"))
    if kind == "refused":
        registry.inject_faults(f"/manifests/{old}", Status(403))
    if kind == "other platform":
        arm = image(LAYERS["old"], platform="linux/arm64")
        registry.members = layout(named(NEW, "latest"), named(arm, "before"))
        old = arm.top["digest"]
    if kind == "forged":
        path = "blobs/" + old.replace(":", "/")
        registry.members[path] = registry.members["blobs/" + NEW.top["digest"].replace(":", "/")]
    if kind == "no image":
        path = "blobs/" + digest(config([LAYERS["old"]])).replace(":", "/")
        registry.members[path] = b"{}"
    if kind == "digest":
        name = f"{name}@{NEW.top['digest']}"
    pins = make_pinner().pin_digests({name: old}, PLATFORM)
    assert (pins.resolved, pins.digests, pins.base_images) == ({}, {}, {})


def test_each_platform_has_its_own_image_of_an_index(registry: RegistryStandIn) -> None:
    arm = image(layer_tar(file("arm", 5)), platform="linux/arm64")
    both = index(OLD, arm)
    registry.members = layout(named(NEW, "latest"), named(both, "before"))
    name, old = f"{registry.host}/app", both.top["digest"]
    pinner = make_pinner()
    amd64, arm64 = (pinner.pin_digests({name: old}, f"linux/{x}") for x in ("amd64", "arm64"))
    assert amd64.resolved == arm64.resolved == {name: f"{registry.host}/app@{old}"}
    assert amd64.base_images == {name: find_base("old")}
    assert arm64.base_images == {name: BaseImage((digest(layer_tar(file("arm", 5))),))}


def test_one_image_that_is_gone_takes_no_other_away(registry: RegistryStandIn) -> None:
    moved, missing = f"{registry.host}/app", f"{registry.host}/app:before"
    digests = {moved: OLD.top["digest"], missing: f"sha256:{'0' * 64}"}
    pins = make_pinner().pin_digests(digests, PLATFORM)
    assert pins.digests == {moved: OLD.top["digest"]}
    assert replace(pins, base_images={}).resolved.keys() == {moved}
