"""Built images as named contexts of later builds.

A builder of the driver `docker` sees the engine's images. Any other one gets a folder with an OCI
layout, which BuildKit's client sends to it.
"""

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from bot.adapters.docker.engine_errors import ENGINE_GONE_FIX
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.oci_layout import INDEX_NAME, find_image_digest
from bot.adapters.temporary_folders import temporary_folder
from bot.errors import EngineUnavailableError, describe_cause
from bot.image.layers.streams import CHUNK_BYTES, Unreadable
from bot.image.layers.tar_members import read_members
from bot.model.files import EntryKind
from bot.model.named_contexts import IMAGE_PREFIX

# The files of the image layout (OCI image-spec, image-layout.md), and no other path.
_PART_NAME = re.compile(r"index\.json|oci-layout|blobs/sha256/[0-9a-f]{64}")
_MAX_MEMBERS = 100_000  # far more than the layers of an image
_NOT_HANDED = "A base image of the repository cannot be passed to this builder."
_OTHER_BUILDER = (
    "use a builder with the driver docker (`docker buildx use default`), or a newer engine"
)


class HandedImages:
    """Makes named contexts of images of the engine, and removes what it wrote for them."""

    def __init__(self, handle: EngineHandle, uses_store: Callable[[], bool]) -> None:
        self._handle, self._uses_store = handle, uses_store
        self._contexts: dict[str, str] = {}
        self._folders: dict[str, ExitStack] = {}

    def make_context(self, name: str) -> str:
        """Return an image of the engine as the value of a named context."""
        if name not in self._contexts:
            is_seen = self._uses_store()
            self._contexts[name] = f"{IMAGE_PREFIX}{name}" if is_seen else self._export(name)
        return self._contexts[name]

    def remove(self, name: str) -> None:
        """Remove what was written for an image."""
        self._contexts.pop(name, None)
        if folder := self._folders.pop(name, None):
            folder.close()

    def close(self) -> None:
        """Remove all that was written."""
        for name in list(self._folders):
            self.remove(name)

    def _export(self, name: str) -> str:
        stack = self._folders[name] = ExitStack()
        folder = stack.enter_context(temporary_folder())
        engine = self._handle.engine
        with engine.export(engine.get_image(name)) as stream:
            return f"oci-layout://{folder}@{unpack_layout(stream, folder)}"


def unpack_layout(stream: BinaryIO, folder: Path) -> str:
    """Unpack the OCI layout that `docker save` writes; return the digest of its image.

    `stream` is a buffered one. EngineUnavailableError for an archive without a layout, as engines
    before 25 write it, and for one that is broken.
    """
    try:
        _unpack_parts(stream, folder)
    except Unreadable as problem:
        why, fix = f"the archive that the engine sends cannot be read: {problem}", ENGINE_GONE_FIX
        raise EngineUnavailableError(_NOT_HANDED, why, fix) from problem
    if not (folder / INDEX_NAME).exists():
        raise EngineUnavailableError(
            _NOT_HANDED, "the engine is older than 25 and saves no OCI layout", _OTHER_BUILDER
        )
    return find_layout_digest(folder)


def find_layout_digest(folder: Path) -> str:
    """Return the digest of the image in an OCI layout; EngineUnavailableError if it has none."""
    try:
        return find_image_digest(folder)
    except (Unreadable, OSError) as problem:
        why = f"its OCI layout cannot be read: {describe_cause(problem)}"
        raise EngineUnavailableError(_NOT_HANDED, why, _OTHER_BUILDER) from problem


def _unpack_parts(stream: BinaryIO, folder: Path) -> None:
    """Write the files of a layout, and nothing else that an archive has."""
    # As a stream: the archive is as large as the image and need not be on the disk as well.
    for member, content in read_members(stream, _MAX_MEMBERS):
        if member.kind is EntryKind.FILE and _PART_NAME.fullmatch(member.path):
            path = folder / member.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                copyfileobj(content, file, CHUNK_BYTES)
