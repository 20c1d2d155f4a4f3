"""Paths that sources read when they run: the strings in calls that open files or list folders.

By its name, a file may look as if only people or tools read it: a README in a folder of pages, a
Dockerfile in a folder of templates. Where a program reads the whole folder, such names say nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.pattern_lists import compile_sections

_READ_CALL = compile_sections("bot.verify", "source_mentions.txt", "calls that read")
# `"content"`, `"./pages/*.html"`; what follows a glob or a variable is not known.
_STRING = r"[frbu]{0,2}[\"'`](?P<%s>[^\"'`\n]{1,120})[\"'`]"
_FIRST_STRING = re.compile(rf"\s*(?:[\w.$]+(?:\([\w.]*\))?\s*,\s*)*{_STRING % 'part'}")
_NEXT_STRING = re.compile(rf"\s*,\s*{_STRING % 'part'}")
# The operator of Python's pathlib: `ROOT / "data" / "test"`.
_OPERATOR = re.compile(rf"[\w\])]\s*/\s*{_STRING % 'part'}")
_NEXT_OPERAND = re.compile(rf"\s*/\s*{_STRING % 'part'}")
_PATH = re.compile(r"[\w@+.-]+(?:/[\w@+.-]+)*/?")
_VARIABLE_PART = re.compile(r"[*?${%\[].*$", re.DOTALL)
# Folders of the sources themselves: a path to one leads to what is compiled or loaded anyway.
_SOURCE_FOLDERS = frozenset({"src", "app", "lib", "source", "dist", "build"})
# No name that an application mentions is meant by `.git/index`. To show its version, a program may
# read what the others name.
_GIT_FOLDER = re.compile(r"(?:^|/)\.git/")
_GIT_VERSION = re.compile(r"(?:^|/)\.git/(?:HEAD|packed-refs|refs/.+)$")
# What keeps an empty folder in a repository, and what file managers leave.
_FOLDER_MARK = re.compile(r"(?:^|/)(?:\.gitkeep|\.keep|\.DS_Store|Thumbs\.db)$")
# A folder of Go that the program is compiled from: `"example.org/shop/pages"`.
_IMPORT = re.compile(r"\"[\w.-]+(?:/[\w.-]+)+\"")


def make_read_path_matcher(sources: Mapping[str, str]) -> Callable[[str], bool]:
    """Return a predicate for files below the folders that sources read, and for read files."""
    read_paths = tuple(f"/{path}/" for path in sorted(find_read_paths(sources.values())))
    imports = {
        word.strip('"').rpartition("/")[2]
        for path, text in sources.items()
        if path.endswith(".go")
        for word in _IMPORT.findall(text)
    }

    def is_read(path: str) -> bool:
        # What the program is compiled from is in it.
        is_compiled = path.endswith(".go") and path.rpartition("/")[0].rpartition("/")[2] in imports
        if is_compiled or _FOLDER_MARK.search(path):
            return False
        return any(read_path in f"/{path}/" for read_path in read_paths)

    return is_read


def is_repository_file(path: str) -> bool:
    """Return True for a file of Git's folder."""
    return bool(_GIT_FOLDER.search(path))


def is_version_file(path: str) -> bool:
    """Return True for a file of Git's that says which commit is checked out."""
    return bool(_GIT_VERSION.search(path))


def ignores_all(text: str) -> bool:
    """Return True for a .gitignore that only keeps its folder in the repository."""
    return "*" in text.split()


def find_read_paths(texts: Iterable[str]) -> frozenset[str]:
    """Return the relative paths that sources open or list, without a slash at either end."""
    paths = (_clean(parts) for text in texts for parts in _list_parts(text))
    return frozenset(path for path in paths if path and path not in _SOURCE_FOLDERS)


def _list_parts(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the strings of each call or operator that makes up a path."""
    for call in _READ_CALL.finditer(text):
        if match := _FIRST_STRING.match(text, call.end()):
            yield (match["part"], *_list_next(_NEXT_STRING, text, match.end()))
    end = 0
    for match in _OPERATOR.finditer(text):
        if match.start() >= end:
            rest = tuple(_list_next(_NEXT_OPERAND, text, match.end()))
            end = match.end() + sum(map(len, rest))
            yield (match["part"], *rest)


def _list_next(pattern: re.Pattern[str], text: str, position: int) -> Iterator[str]:
    while match := pattern.match(text, position):
        yield match["part"]
        position = match.end()


def _clean(parts: Iterable[str]) -> str:
    """Return the known beginning of a path, without `./` and `../`; empty if there is none."""
    path = "/".join(parts)
    beginning = _VARIABLE_PART.sub("", path)
    if beginning != path:
        beginning = beginning.rpartition("/")[0]
    steps = [step for step in beginning.split("/") if step not in ("", ".", "..")]
    cleaned = "/".join(steps)
    return cleaned if _PATH.fullmatch(cleaned) else ""
