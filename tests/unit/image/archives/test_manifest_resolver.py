"""The choice among the images of an index, by platform."""

import pytest

from bot.image.archives.descriptor import Descriptor
from bot.image.archives.manifest_resolver import choose_image
from bot.image.archives.platforms import detect_host_platform
from bot.image.layers.streams import Unreadable


def make_descriptor(platform: str, number: int = 0) -> Descriptor:
    return Descriptor(platform, f"sha256:{platform}{number}", platform=platform)


def test_the_only_image_is_taken_unless_another_platform_is_requested() -> None:
    only = make_descriptor("linux/s390x")
    assert choose_image([make_descriptor("unknown/unknown"), only, only], None) is only
    with pytest.raises(Unreadable, match="no image for linux/386; it has: linux/s390x"):
        choose_image([only], "linux/386")


def test_this_machines_platform_is_preferred() -> None:
    own, other = make_descriptor(detect_host_platform()), make_descriptor("linux/s390x")
    assert choose_image([other, own], None) is own
    with pytest.raises(
        Unreadable, match=r"--platform chooses another\); it has: linux/s390x, plan9"
    ):
        choose_image([other, make_descriptor("plan9/mips")], None)


def test_attestations_are_not_offered() -> None:
    attestation = Descriptor(
        "n", "d", annotations={"vnd.docker.reference.type": "attestation-manifest"}
    )
    with pytest.raises(Unreadable, match="it has: none"):
        choose_image([attestation, make_descriptor("unknown/unknown/v1")], None)
