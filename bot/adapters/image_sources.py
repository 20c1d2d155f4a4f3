"""Images by reference, from the sources that containers-transports(5) names.

Engine and registry clients are imported on first use: each costs a tenth of a second at start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.image_lookup import look_up_image
from bot.adapters.oci_layout import OciLayout
from bot.errors import EngineUnavailableError, InputError, describe_cause
from bot.image.archives.archive import list_platforms, read_archive
from bot.image.archives.image_platforms import list_archive_platforms
from bot.image.archives.image_selection import read_selected_image
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.model.image import Image
from bot.model.image_location import Transport, parse_location

_MAX_PATH_BYTES = 255  # bytes of one file name; a longer one is an error for stat
# Whether an engine answers does not matter: it has no files.
_PLAIN_NAME_WHY = "a name without a transport is looked up in the engine"
_ARCHIVES = (Transport.DOCKER_ARCHIVE, Transport.OCI_ARCHIVE)


# Its sizes are the sums of its files; other stores count blobs, or blocks of a disk.
_OVERLAY2 = "overlay2"
_MAX_LINK_BYTES = 1 << 20  # which the engine counts for some layers


class StoredImage(NamedTuple):
    """An image of the engine: its ID, and its unpacked size in bytes where the engine knows it."""

    image_id: str = ""
    unpacked_bytes: int | None = None

    def may_have(self, image: Image | None) -> bool:
        """Return True unless the engine contradicts the sizes of a measured image."""
        if self.unpacked_bytes is None or image is None:
            return True
        return 0 <= self.unpacked_bytes - image.unpacked_bytes <= _MAX_LINK_BYTES


class ImageSources:
    """The port `ImageReader`; the engine is contacted only for an image that it has."""

    def __init__(self, environment: Mapping[str, str], handle: EngineHandle | None = None) -> None:
        """Share an engine by its handle; without one, the engine that the environment names."""
        self._environment = environment
        self._handle = handle or EngineHandle(environment)

    def find_stored_image(self, reference: str) -> StoredImage:
        """Return the engine's facts of an image; no ID for an image from another source."""
        location = parse_location(reference)
        if not location.is_in_engine:
            return StoredImage()
        try:
            # The SDK is imported only if it must be: nothing else may be left to do.
            image = look_up_image(self._environment, location.name) or (
                self._handle.engine.get_image(location.name).attrs
            )
        except (InputError, EngineUnavailableError, OSError):
            return StoredImage()  # `read` reports what is wrong
        driver = (image.get("GraphDriver") or {}).get("Name")
        size = image.get("Size") if driver == _OVERLAY2 else None
        return StoredImage(str(image["Id"]), size if isinstance(size, int) else None)

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        """Read an image with all its layers, from the source that its transport names."""
        location = parse_location(reference)
        # `oci:DIR:TAG`: as for skopeo, what follows the colon selects the image of a layout or
        # archive.
        path, _, selector = location.name.partition(":")
        if location.is_in_engine:
            return self._read_engine_image(location.name, platform, layer_cache)
        if location.transport is Transport.DOCKER:
            from bot.adapters.registry.image import read_registry_image

            return read_registry_image(location.name, platform, layer_cache, self._environment)
        if location.transport in _ARCHIVES:
            with _open_archive(Path(path)) as stream:
                return read_archive(stream, platform, layer_cache, selector=selector)
        if location.transport is Transport.OCI:
            return read_selected_image(_open_layout(Path(path), layer_cache), selector, platform)
        raise _make_unsupported_error(reference)

    def list_platforms(self, reference: str) -> tuple[str, ...]:
        """Return the platforms of an image; none for the engine's, and for one in a pipe."""
        location = parse_location(reference)
        path, _, selector = location.name.partition(":")
        if location.transport is Transport.DOCKER:
            from bot.adapters.registry.image import list_registry_platforms

            return list_registry_platforms(location.name, self._environment)
        if location.transport in _ARCHIVES:
            with _open_archive(Path(path)) as stream:
                return list_platforms(stream, selector) if stream.seekable() else ()
        if location.transport is Transport.OCI:
            layout = _open_layout(Path(path), LayerCache())
            return list_archive_platforms(layout, selector)
        return ()

    def _read_engine_image(
        self, name: str, platform: str | None, layer_cache: LayerCache
    ) -> ScannedImage:
        from bot.adapters.docker.engine_images import EngineImages

        try:
            return EngineImages(self._handle.engine).read(name, platform, layer_cache)
        except (InputError, EngineUnavailableError) as problem:
            raise _suggest_transport(name, problem) from problem


def _suggest_transport(
    name: str, problem: InputError | EngineUnavailableError
) -> InputError | EngineUnavailableError:
    """Return the problem, or a clearer one for a path without its transport."""
    path = Path(name)
    if not name or len(name) > _MAX_PATH_BYTES:
        return problem
    if path.is_file():
        fix = f"for a saved image, write docker-archive:{name}"
        return InputError(f"{name!r} is a file, not an image of the engine.", _PLAIN_NAME_WHY, fix)
    if (path / "index.json").is_file():
        fix = f"write oci:{name}"
        what = f"{name!r} is a folder, not an image of the engine."
        return InputError(what, _PLAIN_NAME_WHY, fix)
    return problem


def _make_unsupported_error(reference: str) -> InputError:
    return InputError(
        f"The transport of {reference!r} is not supported.",
        "supported are docker-daemon:, docker://, oci:, oci-archive: and docker-archive:",
        "push or save the image, or give the name that it has in an engine",
    )


def _open_layout(path: Path, layer_cache: LayerCache) -> OciLayout:
    """Open a folder as an OCI layout."""
    folder = OciLayout(path, layer_cache)
    if not folder.has_document("index.json"):
        fix = "give the path of a folder that `skopeo copy`, `buildx` or `umoci` wrote"
        raise InputError(f"{str(path)!r} is not an OCI layout.", "it has no index.json", fix)
    return folder


@contextmanager
def _open_archive(path: Path) -> Iterator[BinaryIO]:
    """Open an archive for reading."""
    try:
        file = path.open("rb")
    except OSError as problem:
        fix = "give the path of a file that `docker save` or `skopeo copy` wrote"
        what = f"The archive {str(path)!r} cannot be read."
        raise InputError(what, describe_cause(problem), fix) from problem
    with file:
        yield file
