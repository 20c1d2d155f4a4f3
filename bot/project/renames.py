"""Files that moved between two revisions, as git sees them."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.project.file_tree import index_tree, select_below
from bot.project.git_tree import GitTree


@dataclass(frozen=True, slots=True, order=True)
class Rename:
    """A file that one revision has under `old` and the other under `new`.

    `similarity` is git's, in percent: the share of the content that both have.
    """

    similarity: int
    old: str
    new: str


def find_moved_folders(
    trees: tuple[GitTree, GitTree], pairs: Collection[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Return the pairs of folders that are one, which only moved between base and head.

    The old one is gone, the new one was not there, and half of the files at least are the same,
    which is git's own limit for a file.
    """
    return frozenset(pair for pair in pairs if _is_moved(trees, *pair))


def _is_moved(trees: tuple[GitTree, GitTree], old: str, new: str) -> bool:
    base, head = map(index_tree, trees)
    # A copy beside the old folder, or an older folder of the new name, is no move.
    if head.has_folder(old) or base.has_folder(new):
        return False
    files = select_below(base.paths, old)
    same = [path for path in files if head.get(new + path.removeprefix(old)) == base[path]]
    return bool(files) and 2 * len(same) >= len(files)
