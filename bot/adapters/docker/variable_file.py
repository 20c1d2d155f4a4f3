"""The file `.env` that a container gets in its working folder before it starts."""

import io
import tarfile
from collections.abc import Mapping
from typing import Any

from docker.api import APIClient

from bot.model.start_settings import StartSettings

_NAME = ".env"
_MODE = 0o644  # any user of the image may read it


def add_variable_file(
    api: APIClient, container_id: str, config: Mapping[str, Any], settings: StartSettings
) -> None:
    """Write the file of variables of settings into a container that was not started yet."""
    if settings.file_text is not None:
        archive = make_archive(settings.file_text.encode())
        api.put_archive(container_id, config.get("WorkingDir") or "/", archive)


def make_archive(content: bytes) -> bytes:
    """Return a tar archive with the file, root's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(_NAME)
        entry.size, entry.mode = len(content), _MODE
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
