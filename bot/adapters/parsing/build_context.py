"""The folder that a build copies from, as BuildKit would send it, and what else stands beside it."""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from bot.adapters.parsing.shell_parser import read_script
from bot.dockerfile.build_context import Context
from bot.dockerfile.dockerignore import read_ignore
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import Source, Span
from bot.dockerfile.stages import Dockerfile
from bot.line.ports import Parser
from bot.project.image_plan import is_dockerfile

_LONGEST = 100_000  # bytes of a Dockerfile or a script that are still read

Ignored = Callable[[str], bool]


class FolderContexts:
    """The port `Contexts`."""

    def __init__(self, parser: Parser) -> None:
        """Reads the other Dockerfiles with `parser`."""
        self._parser = parser

    def read(self, dockerfile: Path, folder: Path) -> Context:
        """The context of a Dockerfile; what cannot be read is not in it."""
        own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        ignore_file = next((x for x in (own, folder / ".dockerignore") if x.is_file()), None)
        patterns = ignore_file.read_text("utf-8", errors="replace") if ignore_file else ""
        return Context(
            files=dict(_files(folder, read_ignore(patterns), prunes="!" not in patterns)),
            ignores=ignore_file is not None,
            neighbours=dict(self._neighbours(dockerfile)),
            scripts=_scripts(dockerfile.parent),
            read=partial(_text, folder),
        )

    def _neighbours(self, dockerfile: Path) -> Iterator[tuple[str, Dockerfile]]:
        for path in _short_files(dockerfile.parent):
            if path.name != dockerfile.name and is_dockerfile(path.name):
                try:
                    yield path.name, self._parser.parse(path.read_bytes())
                except ValueError:
                    continue


def _files(folder: Path, ignored: Ignored, *, prunes: bool) -> Iterator[tuple[str, int]]:
    """What is sent, with its size. A worktree's `.git` is a file, which only points elsewhere."""
    for root, folders, names in os.walk(folder):
        above = Path(root).relative_to(folder)
        if prunes:
            folders[:] = [name for name in folders if not ignored((above / name).as_posix())]
        for name in names:
            path = (above / name).as_posix()
            if path != ".git" and not ignored(path):
                yield path, (folder / path).lstat().st_size


def _text(folder: Path, path: str) -> str:
    """A regular file's text: a link may lead anywhere."""
    file = folder / path
    try:
        return "" if file.is_symlink() else file.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _scripts(folder: Path) -> Mapping[str, Script]:
    return {
        path.name: _script(path.read_bytes())
        for path in _short_files(folder)
        if path.suffix in (".sh", ".bash")
    }


def _script(data: bytes) -> Script:
    return read_script(Source(data).passage(Span(0, len(data))))


def _short_files(folder: Path) -> list[Path]:
    found = (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return sorted(path for path in found if path.stat().st_size <= _LONGEST)
