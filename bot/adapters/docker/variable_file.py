"""Files that a container gets before it starts, such as `.env` in its working folder."""

import io
import tarfile
from collections.abc import Mapping
from typing import Any

from docker.api import APIClient

from bot.model.start_settings import StartSettings

_NAME = ".env"
_MODE, _EXECUTABLE_MODE = 0o644, 0o755  # any user of the image may read them


def add_variable_file(
    api: APIClient, container_id: str, config: Mapping[str, Any], settings: StartSettings
) -> None:
    """Write the file of variables of settings into a container that was not started yet."""
    if settings.file_text is not None:
        archive = make_archive(settings.file_text.encode())
        api.put_archive(container_id, config.get("WorkingDir") or "/", archive)


def make_archive(content: bytes, name: str = _NAME, *, is_executable: bool = False) -> bytes:
    """Return a tar archive with a file, root's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entry.mode = _EXECUTABLE_MODE if is_executable else _MODE
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
