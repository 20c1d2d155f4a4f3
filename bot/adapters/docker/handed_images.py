"""Built images as named contexts of later builds.

A builder of the driver `docker` sees the engine's images. Any other one gets a folder with an OCI
layout, which BuildKit's client sends to it.
"""

import json
import re
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.temporary_folders import temporary_folder
from bot.errors import EngineUnavailableError
from bot.model.named_contexts import IMAGE_PREFIX

_INDEX_NAME = "index.json"
# The files of the image layout (OCI image-spec, image-layout.md), and no other path.
_PART_NAME = re.compile(r"index\.json|oci-layout|blobs/sha256/[0-9a-f]{64}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


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


def unpack_layout(stream: IO[bytes], folder: Path) -> str:
    """Unpack the OCI layout that `docker save` writes; return the digest of its image.

    EngineUnavailableError for an archive without one, as engines before 25 write it.
    """
    # As a stream: the archive is as large as the image and need not be on the disk as well.
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            is_part = member.isreg() and _PART_NAME.fullmatch(member.name)
            content = archive.extractfile(member) if is_part else None
            if content is not None:
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    copyfileobj(content, file)
    digest = read_layout_digest(folder / _INDEX_NAME)
    if digest is None:
        raise EngineUnavailableError(
            "A base image of the repository cannot be handed to this builder.",
            "the engine is older than 25 and saves no OCI layout",
            "use a builder with the driver docker (`docker buildx use default`), or a newer engine",
        )
    return digest


def read_layout_digest(index: Path) -> str | None:
    """Return the digest of the image in an OCI layout, by the path of its index."""
    try:
        digest = json.loads(index.read_bytes())["manifests"][0]["digest"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None
