"""Files in the engine's own folders, read-only and through its API alone.

A container that is never started has the folders mounted; the engine's archive call reads from it
(`GET /containers/{id}/archive`) in about five milliseconds. No file is written to our disk. On a
remote engine, or where such mounts are forbidden, images are exported instead.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from typing import BinaryIO, cast

import docker
from docker.types import Mount
from requests import RequestException, Response
from urllib3.exceptions import HTTPError

from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_errors import EngineFailure, engine_errors
from bot.errors import describe_cause
from bot.image.layers.streams import CHUNK_BYTES, ChunkReader
from bot.image.layers.tar_members import read_members
from bot.model.files import EntryKind

_CONTAINER_LABEL = "image-size-review.engine-files"
# Compressed answers take the engine ten times as long.
_UNCOMPRESSED_HEADERS = {"Accept-Encoding": "identity"}
_MAX_MEMBERS = 10_000_000  # of a folder
_READ_TIMEOUT_S = 60  # between two chunks of an answer
# Go's file modes, as the engine sends them: a symbolic link; anything but a regular file.
_GO_MODE_SYMLINK, _GO_MODE_TYPE = 1 << 27, 0x8F280000
_MAX_LINKS = 40  # as many as the kernel follows (path_resolution(7))
_CONNECTION_ERRORS = (RequestException, HTTPError, HTTPException)


Reopen = Callable[[], "AbstractContextManager[EngineFiles]"]


class EngineFilesUnavailable(Exception):
    """The engine's folders cannot be read; the message has the reason."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A regular file: its size, its content, its path from the last part of the request on."""

    path: str
    size: int
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class PathStat:
    """A path after following links, with its size in bytes."""

    path: str
    size: int
    is_file: bool


class EngineFiles:
    """Folders of the engine's machine, each mounted as `/name`.

    The engine gives one answer at a time per container: while one is open, the next request
    waits, and so does the removal of the container. So each answer is closed as soon as it is
    read.
    """

    def __init__(self, client: docker.DockerClient, container_id: str, reopen: Reopen) -> None:
        """Use `open_engine_files` instead."""
        self._client, self._container_id, self._reopen = client, container_id, reopen
        self._open_responses: set[Response] = set()
        self._pid = os.getpid()

    def open_second(self) -> AbstractContextManager[EngineFiles]:
        """Open the same folders again, for requests at the same time."""
        return self._reopen()

    def iter_files(self, path: str) -> Generator[FileEntry, None, None]:
        """Yield the regular files at or below a path.

        Each is readable until the next is requested. Raises FileNotFoundError, or OSError
        if the engine fails.
        """
        response = self._open_archive(path)
        try:
            chunks = response.iter_content(CHUNK_BYTES)
            stream = cast(BinaryIO, io.BufferedReader(ChunkReader(chunks), CHUNK_BYTES))
            for member, content in read_members(stream, _MAX_MEMBERS):
                if member.kind is EntryKind.FILE:
                    yield FileEntry(member.path, member.size, content)
        except _CONNECTION_ERRORS as problem:
            raise EngineFailure(
                f"the engine could not return {path}: {describe_cause(problem)}"
            ) from problem
        finally:
            self._open_responses.discard(response)
            response.close()

    def stat(self, path: str) -> PathStat:
        """Follow links to a path; raise FileNotFoundError if there is nothing."""
        for _ in range(_MAX_LINKS):
            response = self._request("HEAD", path)
            response.close()
            with engine_errors(f"describe {path}"):
                header = response.headers.get("X-Docker-Container-Path-Stat", "")
                path_stat = json.loads(base64.b64decode(header))
                target, mode = str(path_stat.get("linkTarget") or ""), int(path_stat["mode"])
                size = int(path_stat.get("size") or 0)
            if not target or target == path or not mode & _GO_MODE_SYMLINK:
                return PathStat(path, size, is_file=not mode & _GO_MODE_TYPE)
            path = target
        raise FileNotFoundError(path)

    def close(self) -> None:
        """Close the open answers."""
        while self._open_responses:
            self._open_responses.pop().close()

    def _open_archive(self, path: str) -> Response:
        """Request an archive; the SDK's own call would keep the connection open."""
        response = self._request("GET", path)
        self._open_responses.add(response)
        return response

    def _request(self, method: str, path: str) -> Response:
        """Return a response with its body unread; raise FileNotFoundError or OSError."""
        api = self._client.api
        if self._pid != os.getpid():  # connections cannot be shared with the parent process
            api.close()
            self._pid = os.getpid()
        url = f"{api.base_url}/v{api.api_version}/containers/{self._container_id}/archive"
        try:
            response = api.request(
                method,
                url,
                # As bytes, since the name of a file may be no UTF-8.
                params={"path": path.encode(errors="surrogateescape")},
                headers=_UNCOMPRESSED_HEADERS,
                stream=True,
                timeout=_READ_TIMEOUT_S,
            )
        except _CONNECTION_ERRORS as problem:
            raise EngineFailure(
                f"the engine could not return {path}: {describe_cause(problem)}"
            ) from problem
        if response.ok:
            return response
        message = response.text if method == "GET" else ""
        response.close()
        if response.status_code == HTTPStatus.NOT_FOUND or "not a directory" in message:
            raise FileNotFoundError(path)
        if method == "HEAD":  # its answer has no message
            return self._request("GET", path)
        raise EngineFailure(
            f"the engine could not return {path}: {response.status_code} {response.reason}"
        )

    def read_file(self, path: str, max_bytes: int = 64 << 20) -> bytes:
        """Return one file's content; raise OSError if it has more than `max_bytes`."""
        with closing(self.iter_files(path)) as files:
            for file in files:
                if file.size > max_bytes:
                    raise OSError(f"{path} has {file.size:,} bytes, more than {max_bytes:,}")
                return file.content.read()
        raise FileNotFoundError(path)


@contextmanager
def open_engine_files(
    engine: DockerEngine, image_id: str, folder_candidates: Iterable[Mapping[str, str]]
) -> Iterator[EngineFiles]:
    """Mount folders of the engine's machine as `/name`; the first candidate that exists.

    Each candidate maps names to paths. Raises EngineFilesUnavailable if none exists.
    """
    reason = "no folder was given"
    with ExitStack() as stack:
        for folders in folder_candidates:
            try:
                container_id = stack.enter_context(_mount_in_container(engine, image_id, folders))
            except OSError as problem:
                reason = describe_cause(problem)
                continue
            engine_files = EngineFiles(
                engine.client, container_id, partial(open_engine_files, engine, image_id, [folders])
            )
            stack.callback(engine_files.close)
            yield engine_files
            return
    raise EngineFilesUnavailable(reason)


def _mount_in_container(
    engine: DockerEngine, image_id: str, folders: Mapping[str, str]
) -> AbstractContextManager[str]:
    mounts = [_make_bind_mount(source, f"/{name}") for name, source in folders.items()]
    host = engine.client.api.create_host_config(network_mode="none", mounts=mounts)
    options = {"command": ["never-started"], "host_config": host, "labels": [_CONTAINER_LABEL]}
    return temporary_container(engine, image=image_id, **options)


def _make_bind_mount(source: str, target: str) -> Mount:
    """Mount a folder without the mounts below it."""
    mount = Mount(target, source, type="bind", read_only=True)
    # Below the engine's folder are the merged folders of all running containers, mounted.
    mount["BindOptions"] = {"NonRecursive": True}
    return mount
