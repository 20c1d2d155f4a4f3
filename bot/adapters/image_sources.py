"""Images by reference, as containers-transports(5) names the places where they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.adapters.oci_layout import LayoutFolder
from bot.errors import BadInput, NoEngine
from bot.image.archives.archive import read_archive
from bot.image.archives.image_selection import read_named
from bot.image.archives.layer_cache import Shelf
from bot.image.archives.manifest_resolver import Archive

if TYPE_CHECKING:
    from bot.adapters.docker.engine import DockerEngine

_ARCHIVES = ("docker-archive", "oci-archive")
_OTHERS = ("dir:", "containers-storage:", "sif:", "ostree:")
_REGISTRY, _LAYOUT, _ENGINE = "docker://", "oci", "docker-daemon"


class ImageStore:
    """The port `Images`. The engine is asked for only when an image of it is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Opens nothing yet."""
        self._environment = environment

    @cached_property
    def engine(self) -> DockerEngine:
        """NoEngine if none answers."""
        from bot.adapters.docker.engine import DockerEngine  # noqa: PLC0415 - a tenth of a second

        return DockerEngine(self._environment)

    def identify(self, reference: str) -> str:
        """The engine's ID of an image; empty where it is not the engine that has it."""
        transport = reference.partition(":")[0]
        if transport in (*_ARCHIVES, _LAYOUT) or reference.startswith((_REGISTRY, *_OTHERS)):
            return ""
        try:
            return str(self.engine.get(reference.removeprefix(f"{_ENGINE}:")).id)
        except (BadInput, NoEngine):
            return ""  # who reads it says what is wrong

    def read(self, reference: str, platform: str | None, shelf: Shelf) -> Archive:
        """An image with all its layers, from wherever its transport leads."""
        if reference.startswith(_REGISTRY):
            from bot.adapters.registry.image import read_registry_image  # noqa: PLC0415 - as well

            name = reference.removeprefix(_REGISTRY)
            return read_registry_image(name, platform, shelf, self._environment)
        if reference.startswith(_OTHERS):
            raise _out_of_reach(reference)
        transport, colon, place = reference.partition(":")
        path, _, which = place.partition(":")
        if colon and transport in _ARCHIVES:
            with _file(Path(path)) as stream:
                return read_archive(stream, platform, shelf, which=which)
        if colon and transport == _LAYOUT:
            return read_named(_folder(Path(path), shelf), which, platform)
        from bot.adapters.docker.engine_images import EngineImages  # noqa: PLC0415 - as well

        name = place if colon and transport == _ENGINE else reference
        try:
            return EngineImages(self.engine).read(name, platform, shelf)
        except (BadInput, NoEngine) as problem:
            raise _perhaps_a_path(name, problem) from problem


def _perhaps_a_path(name: str, problem: BadInput | NoEngine) -> BadInput | NoEngine:
    """The problem, or a better one where a path was given without its transport."""
    path = Path(name)
    if path.is_file():
        fix = f"if it is an image that was saved, write docker-archive:{name}"
        return BadInput(f"{name!r} is a file, and no image of the engine.", problem.what, fix)
    if (path / "index.json").is_file():
        fix = f"write oci:{name}"
        return BadInput(f"{name!r} is a folder, and no image of the engine.", problem.what, fix)
    return problem


def _out_of_reach(reference: str) -> BadInput:
    return BadInput(
        f"{reference!r} is kept where this program cannot look.",
        "it reads docker-daemon:, docker://, oci:, oci-archive: and docker-archive:",
        "push the image or save it, or give the name under which an engine has it",
    )


def _folder(path: Path, shelf: Shelf) -> LayoutFolder:
    """A folder that holds a layout."""
    folder = LayoutFolder(path, shelf)
    if not folder.has("index.json"):
        fix = "give the path of a folder that `skopeo copy`, `buildx` or `umoci` wrote"
        raise BadInput(f"{str(path)!r} holds no OCI layout.", "it has no index.json", fix)
    return folder


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
