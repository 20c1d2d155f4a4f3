"""Looks into the engine's own folders, read-only, through nothing but its API.

A container that is never started has the folders bound; the engine's archive call reads from it
(`GET /containers/{id}/archive`), some five milliseconds a look. No file of it ever touches our disk.
Where the engine runs elsewhere, or forbids such mounts, there is no peephole and images are exported.
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, cast

import docker
from docker.errors import APIError, DockerException, NotFound

from bot.edge.chunks import Chunks
from bot.image.streams import CHUNK, forget_members

_LABEL = "image-size-review.peephole"


class NoPeephole(Exception):
    """The engine's folders cannot be looked into; the message says why."""


class Peephole:
    """Folders of the engine's machine, each under a path of the same name."""

    def __init__(self, client: docker.DockerClient, container: str) -> None:
        """Use `peephole`."""
        self._client, self._container = client, container

    def files(self, path: str) -> Iterator[tuple[str, BinaryIO]]:
        """The regular files at or below a path, each by its path from there, readable until the next
        is asked for; FileNotFoundError if there is nothing, OSError if the engine stops."""
        try:
            chunks, _ = self._client.api.get_archive(self._container, path, chunk_size=CHUNK)
            stream = cast(BinaryIO, io.BufferedReader(Chunks(chunks), CHUNK))
            with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK) as tar:
                for member in tar:
                    forget_members(tar)
                    content = tar.extractfile(member) if member.isreg() else None
                    if content is not None:
                        yield member.name, cast(BinaryIO, content)
        except NotFound as problem:
            raise FileNotFoundError(path) from problem
        except (APIError, DockerException, tarfile.TarError) as problem:
            raise OSError(f"the engine does not show {path}: {problem}") from problem

    def read(self, path: str, limit: int = 64 << 20) -> bytes:
        """One file's content; OSError if it is longer than `limit`."""
        for _, content in self.files(path):
            data = content.read(limit + 1)
            if len(data) > limit:
                raise OSError(f"{path} is larger than {limit:,} bytes")
            return data
        raise FileNotFoundError(path)


@contextmanager
def peephole(
    client: docker.DockerClient, image_id: str, folders: Mapping[str, str]
) -> Iterator[Peephole]:
    """A peephole onto folders of the engine's machine (`name -> path there`), seen as `/name`."""
    mounts = [
        {
            "Type": "bind",
            "Source": source,
            "Target": f"/{name}",
            "ReadOnly": True,
            "BindOptions": {"NonRecursive": True},
        }
        for name, source in folders.items()
    ]
    api = client.api
    host = api.create_host_config(network_mode="none", mounts=mounts)
    try:
        made = api.create_container(
            image_id, command=["never-started"], host_config=host, labels=[_LABEL]
        )
    except (APIError, DockerException, OSError) as problem:
        raise NoPeephole(str(getattr(problem, "explanation", None) or problem)) from problem
    try:
        yield Peephole(client, made["Id"])
    finally:
        api.remove_container(made["Id"], v=True, force=True)
