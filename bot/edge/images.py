"""Images by reference, as containers-transports(5) names the places where they may be."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from bot.edge.engine import DockerEngine
from bot.edge.engine_images import EngineImages
from bot.errors import BadInput
from bot.image.archive import read_archive
from bot.image.layout import Archive
from bot.image.shelf import Shelf

_ARCHIVES = ("docker-archive", "oci-archive")
_NOT_YET = ("docker://", "oci:", "dir:", "containers-storage:")


class ImageStore:
    """The port `Images`. The engine is asked for only when an image of it is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Opens nothing yet."""
        self._environment = environment

    @cached_property
    def engine(self) -> DockerEngine:
        """NoEngine if none answers."""
        return DockerEngine(self._environment)

    def read(self, reference: str, platform: str | None, shelf: Shelf) -> Archive:
        """An image with all its layers, from wherever its transport leads."""
        transport, colon, place = reference.partition(":")
        if colon and transport in _ARCHIVES:
            name, _, which = place.partition(":")
            with _file(Path(name)) as stream:
                return read_archive(stream, platform, shelf, which=which)
        if reference.startswith(_NOT_YET):
            raise BadInput(
                f"{reference!r} cannot be read by this version.",
                "it reads images of a Docker Engine, and files of docker-archive: and oci-archive:",
                "pull the image and give its name, or save it and give docker-archive:FILE",
            )
        name = place if transport == "docker-daemon" and colon else reference
        return EngineImages(self.engine).read(name, platform, shelf)


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """A file that holds an archive."""
    try:
        file = path.open("rb")
    except OSError as problem:
        fix = "give the path of a file that `docker save` or `skopeo copy` wrote"
        raise BadInput(f"The archive {str(path)!r} cannot be read.", str(problem), fix) from problem
    with file:
        yield file
