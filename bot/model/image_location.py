"""The location of an image: the engine, a registry, or a file.

One parser for the prefixes of containers-transports(5), so that no other module compares strings to
find out whether the engine has an image.
"""

from dataclasses import dataclass
from enum import StrEnum


class Transport(StrEnum):
    """A kind of storage for images, by its name in containers-transports(5)."""

    DOCKER_DAEMON = "docker-daemon"  # the engine's own images; assumed where no prefix is given
    DOCKER = "docker"  # a registry; the only prefix that is written with `//`
    OCI = "oci"  # a folder with an OCI layout
    OCI_ARCHIVE = "oci-archive"  # an OCI layout in a tar
    DOCKER_ARCHIVE = "docker-archive"  # a tar that `docker save` wrote
    DIR = "dir"  # skopeo's own folder format; this and the following are not supported
    CONTAINERS_STORAGE = "containers-storage"
    SIF = "sif"
    OSTREE = "ostree"


@dataclass(frozen=True, slots=True)
class ImageLocation:
    """A transport and the name of an image within it: `app:1.1`, or `/tmp/app.tar:app:1.1`."""

    transport: Transport
    name: str

    @property
    def is_in_engine(self) -> bool:
        """True for an image that the engine can inspect and start."""
        return self.transport is Transport.DOCKER_DAEMON

    def __str__(self) -> str:
        return f"{_get_prefix(self.transport)}{self.name}" if not self.is_in_engine else self.name


def engine_image(name: str) -> ImageLocation:
    """Return the location of an image that the engine has by this name."""
    return ImageLocation(Transport.DOCKER_DAEMON, name)


def parse_location(text: str) -> ImageLocation:
    """Split a reference into transport and name; without a known prefix it is the engine's."""
    for transport in Transport:
        prefix = _get_prefix(transport)
        if text.startswith(prefix):
            return ImageLocation(transport, text.removeprefix(prefix))
    return engine_image(text)


def _get_prefix(transport: Transport) -> str:
    return "docker://" if transport is Transport.DOCKER else f"{transport.value}:"
