"""The digest of what a build context sends, as far as a git tree shows it."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.project.git_tree import SUBMODULE_MODE_PREFIX, GitTree


class IgnoreRules(Protocol):
    """The rules of an ignore file, for paths relative to the context."""

    def is_ignored(self, path: str) -> bool:
        """Return True for a path that is left out."""
        ...

    def is_pruned(self, path: str) -> bool:
        """Return True for a folder that is left out with everything in it."""
        ...


def digest_context(
    tree: GitTree, paths: Sequence[str], context: str, rules: IgnoreRules | None = None
) -> str:
    """Return a digest of the files and folders of a context; `paths` are those of the tree, sorted.

    Without rules nothing is left out.
    """
    digest = hashlib.sha256()
    prefix = "" if context == "." else f"{context}/"
    for path in _list_sent(tree, _select(paths, prefix), prefix, rules):
        line = f"{path}\0{tree.get(prefix + path, '')}\0"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _select(paths: Sequence[str], prefix: str) -> Iterator[str]:
    """Yield the paths below a folder, relative to it."""
    for number in range(bisect_left(paths, prefix), len(paths)):
        if not paths[number].startswith(prefix):
            return
        yield paths[number][len(prefix) :]


def _list_sent(
    tree: GitTree, paths: Iterator[str], prefix: str, rules: IgnoreRules | None
) -> Iterator[str]:
    """Yield what is sent: a folder without files counts, too, for it is in the image.

    The files of a submodule are not in the tree: it counts unless none of them can be sent.
    """
    listed: set[str] = set()
    for path in paths:
        if rules is None:
            yield path
        elif tree[prefix + path].startswith(SUBMODULE_MODE_PREFIX):
            if not rules.is_pruned(path):
                yield path
        else:
            yield from (x for x in _list_new_folders(path, listed) if not rules.is_ignored(x))
            if not rules.is_ignored(path):
                yield path


def _list_new_folders(path: str, listed: set[str]) -> list[str]:
    """Return the folders above a path that were not listed yet, and take them for listed."""
    new: list[str] = []
    folder = path.rpartition("/")[0]
    while folder and folder not in listed:
        new.append(folder)
        folder = folder.rpartition("/")[0]
    listed.update(new)
    return new[::-1]
