"""A search for the paths that a Dockerfile copies in the files of a git tree."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import cache
from pathlib import PurePosixPath

from bot.model.copied_path import CopiedPath
from bot.project.file_tree import BEHIND_SLASH, index_tree
from bot.project.git_tree import SUBMODULE_MODE_PREFIX, SYMLINK_MODE_PREFIX, GitTree
from bot.project.image_plan import has_dockerfile_name

_ANY_DEPTH = "**"
_IGNORE_SUFFIX = ".dockerignore"
# In a pattern of Go, a backslash makes the next character a plain one.
_ESCAPED = re.compile(r"\\(.)")
# Names that the patterns of one Dockerfile are compared with; a hostile one asks for more.
_MAX_COMPARISONS = 200_000
_OPAQUE_MODES = (SUBMODULE_MODE_PREFIX, SYMLINK_MODE_PREFIX)


class PathSearch:
    """A search in one tree; what is behind a link or in a submodule counts as there."""

    def __init__(self, tree: GitTree) -> None:
        self._tree = index_tree(tree)
        self._remaining = _MAX_COMPARISONS

    @property
    def _paths(self) -> Sequence[str]:
        return self._tree.paths

    @property
    def is_exhausted(self) -> bool:
        """True once there were too many comparisons, and patterns match nothing any more."""
        return self._remaining < 0

    def renew_allowance(self) -> None:
        """Allow as many comparisons again, for another Dockerfile."""
        self._remaining = _MAX_COMPARISONS

    def has(self, folder: str, copied: CopiedPath) -> bool:
        """Return True if a folder has a path, or something that a pattern matches."""
        if copied.is_pattern:
            return self._has_match(_join(folder), copied.path.split("/"))
        path = folder if copied.path == "." else str(PurePosixPath(folder, copied.path))
        return self._has_path(path) or self._is_opaque(path)

    def has_other_files(self, folder: str) -> bool:
        """Return True if a folder has more than Dockerfiles; True, too, if nobody can say."""
        prefix = _join(folder)
        for path in self._paths[bisect_left(self._paths, prefix) :]:
            self._remaining -= 1
            if self.is_exhausted or not path.startswith(prefix):
                break
            if not _belongs_to_dockerfiles(path):
                return True
        return self.is_exhausted

    def find_folders(self, path: str) -> frozenset[str]:
        """Return all folders of the tree that have a path below them."""
        folders = set()
        for candidate in self._paths:
            start = f"/{candidate}/".find(f"/{path}/")
            if start >= 0:
                folders.add(candidate[: max(start - 1, 0)] or ".")
        return frozenset(folders)

    def _has_path(self, path: str) -> bool:
        return path == "." or path in self._tree or self._tree.has_folder(path)

    def _is_opaque(self, path: str) -> bool:
        """Return True for what is behind a link or in a submodule: nobody knows if it is there."""
        prefixes = (str(parent) for parent in PurePosixPath(path).parents)
        return any(self._tree.get(prefix, "").startswith(_OPAQUE_MODES) for prefix in prefixes)

    def _has_match(self, prefix: str, names: list[str]) -> bool:
        """Return True if a path below `prefix` matches; True, too, if nobody can say."""
        if self._tree.get(prefix.rstrip("/"), "").startswith(_OPAQUE_MODES):
            return True
        name, *later_names = names
        # What follows is not searched for: any folder with files may have it at some depth.
        if name == _ANY_DEPTH:
            return not prefix or self._tree.has_folder(prefix.rstrip("/"))
        if _is_literal(name):
            path = f"{prefix}{name}"
            return self._has_match(f"{path}/", later_names) if later_names else self._has_path(path)
        matches = (child for child in self._list_children(prefix) if _matches(name, child))
        return any(
            not later_names or self._has_match(f"{prefix}{child}/", later_names)
            for child in matches
        )

    def _list_children(self, prefix: str) -> Iterator[str]:
        """Yield the names in a folder, each once; the first ones if there are too many."""
        position = bisect_left(self._paths, prefix)
        while position < len(self._paths) and self._paths[position].startswith(prefix):
            self._remaining -= 1
            if self._remaining < 0:
                return
            name, slash, _ = self._paths[position][len(prefix) :].partition("/")
            yield name
            position = (
                bisect_left(self._paths, f"{prefix}{name}{BEHIND_SLASH}") if slash else position + 1
            )


def _belongs_to_dockerfiles(path: str) -> bool:
    return path.endswith(_IGNORE_SUFFIX) or has_dockerfile_name(path)


def _join(folder: str) -> str:
    return "" if folder == "." else f"{folder}/"


def _is_literal(name: str) -> bool:
    return not set("*?[\\").intersection(name)


def _matches(pattern: str, name: str) -> bool:
    return bool(_compile(pattern).fullmatch(name))


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Return the expression of a name's pattern in Go: `[^a]` is Python's `[!a]`."""
    plain = _ESCAPED.sub(lambda match: f"[{match[1]}]", pattern.replace("[^", "[!"))
    return re.compile(translate(plain))
