"""Looks into the engine's own folders, read-only, through nothing but its API.

A container that is never started has the folders bound; the engine's archive call reads from it
(`GET /containers/{id}/archive`), some five milliseconds a look. No file of it ever touches our disk.
Where the engine runs elsewhere, or forbids such mounts, there is no peephole and images are exported.
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
from typing import BinaryIO, cast

import docker
from docker.errors import APIError, DockerException
from docker.types import Mount
from requests import RequestException, Response

from bot.adapters.docker.containers import temporary_container
from bot.image.layers.streams import CHUNK_BYTES, ChunkReader
from bot.image.layers.tar_members import read_members
from bot.model.files import EntryKind

_CONTAINER_LABEL = "image-size-review.peephole"
# The engine would compress its answer for whoever takes that, which takes ten times as long.
_UNCOMPRESSED_HEADERS = {"Accept-Encoding": "identity"}
_READ_TIMEOUT_S = 60  # seconds between two pieces of an answer
# In the engine's (Go's) file modes: a symbolic link, and all that is no regular file.
_GO_MODE_SYMLINK, _GO_MODE_TYPE = 1 << 27, 0x8F280000


Reopen = Callable[[], "AbstractContextManager[EngineFiles]"]


class EngineFilesUnavailable(Exception):
    """The engine's folders cannot be looked into; the message says why."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A regular file: its path from the last part of the one asked for, its size, its content."""

    path: str
    size: int
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class PathStat:
    """What is at a path: where it really is, and its size in bytes."""

    path: str
    size: int
    is_file: bool


class EngineFiles:
    """Folders of the engine's machine, each under a path of its name.

    The engine gives one answer at a time: as long as one is open, whoever asks for the next waits, and
    so does whoever removes the container. So each is closed as soon as nobody reads it any more.
    """

    def __init__(self, client: docker.DockerClient, container_id: str, reopen: Reopen) -> None:
        """Use `peephole`."""
        self._client, self._container_id, self._reopen = client, container_id, reopen
        self._open_responses: set[Response] = set()
        self._pid = os.getpid()

    def open_second(self) -> AbstractContextManager[EngineFiles]:
        """Another one onto the same folders, which gives its answers at the same time."""
        return self._reopen()

    def iter_files(self, path: str) -> Generator[FileEntry, None, None]:
        """The regular files at or below a path, each readable until the next is asked for;
        FileNotFoundError if there is nothing, OSError if the engine stops."""
        answer = self._open_archive(path)
        try:
            chunks = answer.iter_content(CHUNK_BYTES)
            stream = cast(BinaryIO, io.BufferedReader(ChunkReader(chunks), CHUNK_BYTES))
            for member, content in read_members(stream):
                if member.kind is EntryKind.FILE:
                    yield FileEntry(member.path, member.size, content)
        except RequestException as problem:
            raise OSError(f"the engine does not show {path}: {problem}") from problem
        finally:
            self._open_responses.discard(answer)
            answer.close()

    def stat(self, path: str) -> PathStat:
        """What a path leads to, links followed; FileNotFoundError if there is nothing."""
        answer = self._request("HEAD", path)
        answer.close()
        told = json.loads(base64.b64decode(answer.headers.get("X-Docker-Container-Path-Stat", "")))
        target, mode = str(told.get("linkTarget") or ""), int(told["mode"])
        if target and target != path and mode & _GO_MODE_SYMLINK:
            return self.stat(target)
        return PathStat(path, int(told.get("size") or 0), is_file=not mode & _GO_MODE_TYPE)

    def close(self) -> None:
        """Closes what is still open."""
        while self._open_responses:
            self._open_responses.pop().close()

    def _open_archive(self, path: str) -> Response:
        """The SDK's own call for this keeps its answer open for as long as it likes."""
        answer = self._request("GET", path)
        self._open_responses.add(answer)
        return answer

    def _request(self, method: str, path: str) -> Response:
        """An answer that is still to be read; FileNotFoundError or OSError if it is none."""
        api = self._client.api
        if self._pid != os.getpid():  # the connections are those of who made this process
            api.close()
            self._pid = os.getpid()
        url = f"{api.base_url}/v{api.api_version}/containers/{self._container_id}/archive"
        try:
            answer = api.request(
                method,
                url,
                params={"path": path},
                headers=_UNCOMPRESSED_HEADERS,
                stream=True,
                timeout=_READ_TIMEOUT_S,
            )
        except RequestException as problem:
            raise OSError(f"the engine does not show {path}: {problem}") from problem
        if answer.ok:
            return answer
        said = answer.text if method == "GET" else ""
        answer.close()
        if answer.status_code == HTTPStatus.NOT_FOUND or "not a directory" in said:
            raise FileNotFoundError(path)
        if method == "HEAD":  # which has no words
            return self._request("GET", path)
        raise OSError(f"the engine does not show {path}: {answer.status_code} {answer.reason}")

    def read_file(self, path: str, max_bytes: int = 64 << 20) -> bytes:
        """One file's content; OSError if it is longer than `limit`."""
        with closing(self.iter_files(path)) as files:
            for file in files:
                if file.size > max_bytes:
                    raise OSError(f"{path} has {file.size:,} bytes, more than {max_bytes:,}")
                return file.content.read()
        raise FileNotFoundError(path)


@contextmanager
def open_engine_files(
    client: docker.DockerClient, image_id: str, folder_candidates: Iterable[Mapping[str, str]]
) -> Iterator[EngineFiles]:
    """A peephole onto folders of the engine's machine (`name -> path there`), seen as `/name`; of
    several places the first that is there. EngineFilesUnavailable if none is."""
    why = "it was told of no folder"
    with ExitStack() as stack:
        for folders in folder_candidates:
            try:
                made = stack.enter_context(_mount_in_container(client, image_id, folders))
            except (APIError, DockerException, OSError) as problem:
                why = str(getattr(problem, "explanation", None) or problem)
                continue
            hole = EngineFiles(
                client, made, partial(open_engine_files, client, image_id, [folders])
            )
            stack.callback(hole.close)
            yield hole
            return
    raise EngineFilesUnavailable(why)


def _mount_in_container(
    client: docker.DockerClient, image_id: str, folders: Mapping[str, str]
) -> AbstractContextManager[str]:
    mounts = [_make_bind_mount(source, f"/{name}") for name, source in folders.items()]
    host = client.api.create_host_config(network_mode="none", mounts=mounts)
    options = {"command": ["never-started"], "host_config": host, "labels": [_CONTAINER_LABEL]}
    return temporary_container(client, image=image_id, **options)


def _make_bind_mount(source: str, target: str) -> Mount:
    """A folder as it is, without what may be mounted below it."""
    mount = Mount(target, source, type="bind", read_only=True)
    mount["BindOptions"] = {"NonRecursive": True}
    return mount
