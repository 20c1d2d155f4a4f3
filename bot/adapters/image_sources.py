"""Images by reference, as containers-transports(5) names the places where they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.adapters.oci_layout import OciLayout
from bot.errors import EngineUnavailableError, InputError
from bot.image.archives.archive import read_archive
from bot.image.archives.image_selection import read_selected_image
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage

if TYPE_CHECKING:
    from bot.adapters.docker.engine import DockerEngine

_ARCHIVE_TRANSPORTS = ("docker-archive", "oci-archive")
_UNSUPPORTED_PREFIXES = ("dir:", "containers-storage:", "sif:", "ostree:")
_REGISTRY_PREFIX, _LAYOUT_TRANSPORT, _ENGINE_TRANSPORT = "docker://", "oci", "docker-daemon"


class ImageSources:
    """The port `ImageReader`. The engine is asked for only when an image of it is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Opens nothing yet."""
        self._environment = environment

    @cached_property
    def engine(self) -> DockerEngine:
        """EngineUnavailableError if none answers."""
        from bot.adapters.docker.engine import DockerEngine  # noqa: PLC0415 - a tenth of a second

        return DockerEngine(self._environment)

    def find_image_id(self, reference: str) -> str:
        """The engine's ID of an image; empty where it is not the engine that has it."""
        transport = reference.partition(":")[0]
        if transport in (*_ARCHIVE_TRANSPORTS, _LAYOUT_TRANSPORT) or reference.startswith(
            (_REGISTRY_PREFIX, *_UNSUPPORTED_PREFIXES)
        ):
            return ""
        try:
            return str(self.engine.get_image(reference.removeprefix(f"{_ENGINE_TRANSPORT}:")).id)
        except (InputError, EngineUnavailableError):
            return ""  # who reads it says what is wrong

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        """An image with all its layers, from wherever its transport leads."""
        if reference.startswith(_REGISTRY_PREFIX):
            from bot.adapters.registry.image import read_registry_image  # noqa: PLC0415 - as well

            name = reference.removeprefix(_REGISTRY_PREFIX)
            return read_registry_image(name, platform, layer_cache, self._environment)
        if reference.startswith(_UNSUPPORTED_PREFIXES):
            raise _make_unsupported_error(reference)
        transport, colon, place = reference.partition(":")
        path, _, which = place.partition(":")
        if colon and transport in _ARCHIVE_TRANSPORTS:
            with _open_archive(Path(path)) as stream:
                return read_archive(stream, platform, layer_cache, selector=which)
        if colon and transport == _LAYOUT_TRANSPORT:
            return read_selected_image(_open_layout(Path(path), layer_cache), which, platform)
        from bot.adapters.docker.engine_images import EngineImages  # noqa: PLC0415 - as well

        name = place if colon and transport == _ENGINE_TRANSPORT else reference
        try:
            return EngineImages(self.engine).read(name, platform, layer_cache)
        except (InputError, EngineUnavailableError) as problem:
            raise _suggest_transport(name, problem) from problem


def _suggest_transport(
    name: str, problem: InputError | EngineUnavailableError
) -> InputError | EngineUnavailableError:
    """The problem, or a better one where a path was given without its transport."""
    path = Path(name)
    if path.is_file():
        fix = f"if it is an image that was saved, write docker-archive:{name}"
        return InputError(f"{name!r} is a file, and no image of the engine.", problem.what, fix)
    if (path / "index.json").is_file():
        fix = f"write oci:{name}"
        return InputError(f"{name!r} is a folder, and no image of the engine.", problem.what, fix)
    return problem


def _make_unsupported_error(reference: str) -> InputError:
    return InputError(
        f"{reference!r} is kept where this program cannot look.",
        "it reads docker-daemon:, docker://, oci:, oci-archive: and docker-archive:",
        "push the image or save it, or give the name under which an engine has it",
    )


def _open_layout(path: Path, layer_cache: LayerCache) -> OciLayout:
    """A folder that holds a layout."""
    folder = OciLayout(path, layer_cache)
    if not folder.has_document("index.json"):
        fix = "give the path of a folder that `skopeo copy`, `buildx` or `umoci` wrote"
        raise InputError(f"{str(path)!r} holds no OCI layout.", "it has no index.json", fix)
    return folder


@contextmanager
def _open_archive(path: Path) -> Iterator[BinaryIO]:
    """A file that holds an archive."""
    try:
        file = path.open("rb")
    except OSError as problem:
        fix = "give the path of a file that `docker save` or `skopeo copy` wrote"
        raise InputError(
            f"The archive {str(path)!r} cannot be read.", str(problem), fix
        ) from problem
    with file:
        yield file
