"""The places of built images: the engine's store, and folders with an OCI layout.

The engine's store is for builders that write to it (the driver `docker`). Any other one sends the
image to a folder, from which it is measured: exact, and without an engine.
"""

from contextlib import suppress
from pathlib import Path

from bot.adapters.docker.build_secrets import join_fields
from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_errors import EngineFailure
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.handed_images import HandedImages, find_layout_digest
from bot.adapters.docker.image_pins import describe_base_image
from bot.adapters.oci_layout import read_image_config
from bot.adapters.temporary_folders import LockedFolder
from bot.errors import ReviewError
from bot.image.layers.streams import Unreadable
from bot.line.ports import Progress
from bot.model.image import BaseImage
from bot.model.image_location import ImageLocation, Transport, engine_image


class EngineOutput:
    """The store of the engine: a tag for each image."""

    def __init__(self, handle: EngineHandle, handed: HandedImages, progress: Progress) -> None:
        self._handle, self._handed, self._progress = handle, handed, progress
        self._tags: list[str] = []

    @property
    def _engine(self) -> DockerEngine:
        return self._handle.engine

    def begin(self) -> tuple[ImageLocation, tuple[str, ...]]:
        """Return a place for a new image, with the arguments of buildx for it."""
        self._handle.sweep()
        tag = self._engine.run.name_build(len(self._tags))
        # Before the build: an interrupted one may have loaded the image already.
        self._tags.append(tag)
        return engine_image(tag), ("--load", "--tag", tag)

    def has_built(self, reference: str) -> bool:
        """Return True for the reference of an image of this run."""
        return reference in self._tags

    def find_base_image(self, reference: str) -> BaseImage | None:
        """Return layers and triggers of an image of this run."""
        try:
            built = self._engine.find_image(reference)
        except EngineFailure:
            return None  # the history has to do
        return describe_base_image(built.attrs) if built else None

    def make_context(self, location: ImageLocation) -> str:
        """Return an image as a named context, which lasts until the image is removed."""
        return self._handed.make_context(location.name)

    def remove(self, location: ImageLocation) -> None:
        """Remove an image, if it can be removed."""
        self._handed.remove(location.name)
        with suppress(ReviewError, OSError):
            self._engine.untag(location.name)

    def close(self) -> None:
        """Remove all images."""
        self._handed.close()
        for name in self._tags:
            untag(self._handle, name, self._progress)


def untag(handle: EngineHandle, name: str, progress: Progress) -> None:
    """Remove a tag of the engine, or say that it stays, which does not affect the report."""
    try:
        handle.engine.untag(name)
    except (ReviewError, OSError) as problem:
        handle.engine.run.add_leftover()
        reason = getattr(problem, "what", problem)
        progress.write_warning(
            f"note: {name} stays in the engine until a later run removes it: {reason}"
        )


class LayoutOutput:
    """A folder with an OCI layout for each image."""

    def __init__(self) -> None:
        self._folders: dict[str, LockedFolder] = {}

    def begin(self) -> tuple[ImageLocation, tuple[str, ...]]:
        """Return a place for a new image, with the arguments of buildx for it."""
        folder = LockedFolder()
        location = ImageLocation(Transport.OCI, str(folder.path))
        self._folders[str(location)] = folder
        output = join_fields("type=oci", "tar=false", f"dest={folder.path}")
        return location, ("--output", output)

    def has_built(self, reference: str) -> bool:
        """Return True for the reference of an image of this run."""
        return reference in self._folders

    def find_base_image(self, reference: str) -> BaseImage | None:
        """Return layers and triggers of an image of this run."""
        try:
            config = read_image_config(self._folders[reference].path)
        except (Unreadable, OSError):
            return None  # the history has to do
        return BaseImage(config.diff_ids, config.triggers)

    def make_context(self, location: ImageLocation) -> str:
        """Return an image as a named context, which lasts until the image is removed."""
        return f"oci-layout://{location.name}@{find_layout_digest(Path(location.name))}"

    def remove(self, location: ImageLocation) -> None:
        """Remove an image, if it can be removed."""
        if folder := self._folders.pop(str(location), None):
            folder.remove()

    def close(self) -> None:
        """Remove all images."""
        for folder in self._folders.values():
            folder.remove()
        self._folders.clear()
