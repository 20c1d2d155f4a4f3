"""Short files by their object IDs, read through one process of git for all of them.

A plan reads the Dockerfiles and the ignore files of both revisions: a process for each takes longer
than everything else.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import IO, Self

from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.tree_listing import read_short_blob
from bot.adapters.orphan_killer import ending_with_this_process

_PIECE_BYTES = 1_000_000
_MAX_KEPT_BYTES = 50_000_000  # of all contents together: a plan asks for each several times


class BlobReader:
    """A reader of blobs; the process is started when it is first needed.

    `local` never asks a server, so that it needs no time limit. What it cannot read, a process of
    its own reads with `remote`.
    """

    def __init__(self, local: GitCommand, remote: GitCommand) -> None:
        self._local, self._remote = local, remote
        self._is_shared = True
        self._contents: dict[str, bytes] = {}
        self._kept_bytes = 0
        self._resources = ExitStack()
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._resources.close()

    def read_short(self, object_id: str, max_bytes: int) -> bytes | None:
        """Return the content of a file; None for a larger one, GitError if it cannot be had."""
        if object_id not in self._contents:
            content = self._read(object_id, max_bytes)
            if content is None or len(content) + self._kept_bytes > _MAX_KEPT_BYTES:
                return content
            self._contents[object_id] = content
            self._kept_bytes += len(content)
        content = self._contents[object_id]
        return content if len(content) <= max_bytes else None

    def _read(self, object_id: str, max_bytes: int) -> bytes | None:
        if self._is_shared:
            try:
                return self._read_shared(object_id, max_bytes)
            except (OSError, ValueError):
                # After an answer that was not read whole, the next one would be taken for another
                # file's.
                self._is_shared = False
        return read_short_blob(self._remote, object_id, max_bytes)

    def _read_shared(self, object_id: str, max_bytes: int) -> bytes | None:
        if self._pipes is None:
            self._pipes = self._resources.enter_context(_open_pipes(self._local))
        requests, answers = self._pipes
        requests.write(f"{object_id}\n".encode("ascii"))
        requests.flush()
        _, kind, size = answers.readline().split()  # ValueError for a missing object
        if kind != b"blob":
            raise ValueError(f"{object_id} is no blob")
        content = _read(answers, int(size), is_kept=int(size) <= max_bytes)
        answers.read(1)  # the newline behind the content
        return content


def _read(pipe: IO[bytes], size: int, *, is_kept: bool) -> bytes | None:
    if is_kept:
        content = pipe.read(size)
        if len(content) < size:
            raise ValueError("the content ends early")
        return content
    while size > 0:
        piece = pipe.read(min(size, _PIECE_BYTES))
        if not piece:
            raise ValueError("the content ends early")
        size -= len(piece)
    return None


@contextmanager
def _open_pipes(git: GitCommand) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
        git.make_command("cat-file", "--batch"),
        env=dict(git.full_environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Nobody reads it, and a full pipe would stop the process.
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    requests, answers = process.stdin, process.stdout
    assert requests is not None and answers is not None, "both are pipes"  # noqa: S101, PT018
    try:
        with ending_with_this_process(process.pid):
            yield requests, answers
    finally:
        with suppress(OSError):
            requests.close()
        answers.close()
        process.kill()
        process.wait()
