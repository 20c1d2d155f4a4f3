"""References to images: what is the engine's, and what is kept elsewhere."""

import pytest

from bot.model.image_location import ImageLocation, Transport, engine_image, parse_location


@pytest.mark.parametrize(
    ("text", "transport", "name"),
    [
        ("app:1.1", Transport.DOCKER_DAEMON, "app:1.1"),
        ("docker-daemon:app:1.1", Transport.DOCKER_DAEMON, "app:1.1"),
        ("oci", Transport.DOCKER_DAEMON, "oci"),
        ("docker:27-dind", Transport.DOCKER_DAEMON, "docker:27-dind"),
        ("localhost:5000/oci:1", Transport.DOCKER_DAEMON, "localhost:5000/oci:1"),
        ("docker://ghcr.io/a/b:1", Transport.DOCKER, "ghcr.io/a/b:1"),
        ("oci:/tmp/layout:v1", Transport.OCI, "/tmp/layout:v1"),
        ("oci-archive:/tmp/a.tar", Transport.OCI_ARCHIVE, "/tmp/a.tar"),
        ("docker-archive:/tmp/a.tar:b:1", Transport.DOCKER_ARCHIVE, "/tmp/a.tar:b:1"),
        ("dir:/tmp/a", Transport.DIR, "/tmp/a"),
    ],
)
def test_a_prefix_names_the_transport(text: str, transport: Transport, name: str) -> None:
    assert parse_location(text) == ImageLocation(transport, name)


@pytest.mark.parametrize(
    "text",
    ["app:1.1", "docker://ghcr.io/a/b:1", "oci:/tmp/layout", "docker-archive:a.tar", "sif:a"],
)
def test_a_location_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_location(text)) == text


def test_only_images_of_the_engine_can_be_started() -> None:
    assert engine_image("app").is_in_engine
    assert not parse_location("oci:app").is_in_engine
