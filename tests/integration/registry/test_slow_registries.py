"""Registries that send a byte at a time: each answer ends within a bound on the whole of it."""

import re
from threading import Event

import pytest

from bot.adapters.registry.client import RegistryClient, RegistryLimits
from bot.adapters.registry.resumable_body import Pace, ResumableBody
from bot.errors import RegistryError
from bot.image.archives.reference import parse_reference
from bot.image.layers.streams import Unreadable
from tests.support.registry.stand_in import RegistryStandIn, Trickle
from tests.support.tar_world import file, image, layer_tar, layout

# A manifest of 40 layers, which takes minutes at the pace of the stand-in.
PART = image(*(layer_tar(file(str(number), 1_000)) for number in range(40)))
MANIFEST, LIMITS = "manifests/latest", RegistryLimits(header_time_s=0.5, documents_time_s=0.5)
BLOB = bytes(range(256)) * 40


def make_client(registry: RegistryStandIn) -> RegistryClient:
    return RegistryClient(parse_reference(f"{registry.host}/app"), {}, LIMITS)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("body", "its answer takes longer than 0.5 s"),
        ("headers", "timed out"),
        ("nothing", "timed out"),
    ],
)
def test_a_slow_document_is_given_up_and_not_requested_again(part: str, reason: str) -> None:
    with RegistryStandIn(layout(PART)) as registry, make_client(registry) as client:
        registry.inject_faults(MANIFEST, Trickle(part))
        with pytest.raises(RegistryError, match="does not answer") as caught:
            client.fetch_document(MANIFEST)
        assert len(registry.requests) == 1
    assert re.search(reason, caught.value.why)


def test_all_documents_of_an_image_share_their_time() -> None:
    with RegistryStandIn(layout(PART)) as registry, make_client(registry) as client:
        registry.inject_faults(MANIFEST, Trickle())
        with pytest.raises(RegistryError):
            client.fetch_document(MANIFEST)
        with pytest.raises(RegistryError, match="does not answer"):
            client.fetch_document(MANIFEST)


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_slow_layer_is_given_up(part: str) -> None:
    with RegistryStandIn({"blobs/sha256/1": BLOB}) as registry, make_client(registry) as client:
        registry.inject_faults("blobs/sha256:1", *[Trickle(part)] * 5)
        body = ResumableBody(
            lambda offset: client.open_response("blobs/sha256:1", offset),
            len(BLOB),
            Event(),
            Pace(min_bytes=1_000, window_s=0.5),
        )
        with body, pytest.raises((Unreadable, RegistryError), match=r"too slowly|not answer"):
            body.readall()


def test_a_layer_that_comes_fast_enough_is_read() -> None:
    with RegistryStandIn({"blobs/sha256/1": BLOB}) as registry, make_client(registry) as client:
        registry.inject_faults("blobs/sha256:1", Trickle(pause_s=0.0001))
        body = ResumableBody(
            lambda offset: client.open_response("blobs/sha256:1", offset),
            len(BLOB),
            Event(),
            Pace(min_bytes=1, window_s=0.01),
        )
        with body:
            assert body.readall() == BLOB
