"""The build context: the folder that a build copies from, and the files beside it.

Reads the folder as BuildKit would send it; the model it fills is bot/dockerfile/build_context.py.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from bot.adapters.parsing.shell_parser import parse_script
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.dockerignore import parse_dockerignore
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import SourceText, Span
from bot.dockerfile.stages import Dockerfile
from bot.line.ports import Parser
from bot.project.image_plan import is_dockerfile

_MAX_TEXT_BYTES = 100_000  # bytes of a Dockerfile or a script that are still read

IsIgnored = Callable[[str], bool]


class FolderContextReader:
    """The port `BuildContextReader`."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def read(self, dockerfile: Path, folder: Path) -> BuildContext:
        """Read the context of a Dockerfile; unreadable files are left out."""
        # `<name>.dockerignore` wins over `.dockerignore`, as in BuildKit.
        own_ignore_file = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        ignore_file = next(
            (x for x in (own_ignore_file, folder / ".dockerignore") if x.is_file()), None
        )
        patterns = ignore_file.read_text("utf-8", errors="replace") if ignore_file else ""
        return BuildContext(
            file_sizes=dict(
                _list_files(folder, parse_dockerignore(patterns), prune_ignored="!" not in patterns)
            ),
            has_ignore_file=ignore_file is not None,
            other_dockerfiles=dict(self._read_sibling_dockerfiles(dockerfile)),
            shell_scripts=_read_scripts(dockerfile.parent),
            read_text=partial(_read_text, folder),
        )

    def _read_sibling_dockerfiles(self, dockerfile: Path) -> Iterator[tuple[str, Dockerfile]]:
        for path in _list_short_files(dockerfile.parent):
            if path.name != dockerfile.name and is_dockerfile(path.name):
                try:
                    yield path.name, self._parser.parse_dockerfile(path.read_bytes())
                except ValueError:
                    continue


def _list_files(
    folder: Path, is_ignored: IsIgnored, *, prune_ignored: bool
) -> Iterator[tuple[str, int]]:
    """Yield the files that are sent, with their sizes.

    The `.git` of a worktree is a pointer file, and is left out.
    """
    for root, folders, names in os.walk(folder):
        parent = Path(root).relative_to(folder)
        # An exception (`!`) may restore a file of an ignored folder, so then nothing is pruned.
        if prune_ignored:
            folders[:] = [name for name in folders if not is_ignored((parent / name).as_posix())]
        for name in names:
            path = (parent / name).as_posix()
            if path != ".git" and not is_ignored(path):
                yield path, (folder / path).lstat().st_size


def _read_text(folder: Path, path: str) -> str:
    """Read a regular file; a link could lead out of the context."""
    file = folder / path
    try:
        return "" if file.is_symlink() else file.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _read_scripts(folder: Path) -> Mapping[str, Script]:
    return {
        path.name: _parse_script(path.read_bytes())
        for path in _list_short_files(folder)
        if path.suffix in (".sh", ".bash")
    }


def _parse_script(data: bytes) -> Script:
    return parse_script(SourceText(data).text_at(Span(0, len(data))))


def _list_short_files(folder: Path) -> list[Path]:
    paths = (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return sorted(path for path in paths if path.stat().st_size <= _MAX_TEXT_BYTES)
