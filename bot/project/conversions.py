"""The files of a git tree that shape the bytes of other files when they are checked out.

`.gitattributes` converts line ends and encodings, and `.gitmodules` decides which submodules there
are, whether or not a build gets to see these two.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.project.file_tree import FileTree, index_tree, select_below
from bot.project.git_tree import GitTree

_ATTRIBUTES_NAME = ".gitattributes"
_MODULES_PATH = ".gitmodules"


def list_conversions(tree: GitTree, dockerfile: str, context: str) -> tuple[tuple[str, str], ...]:
    """Return what shapes the files of a build: paths, with mode and object ID.

    Files in the context are relative to it. With one above the Dockerfile or the context, their
    paths count as well, since its patterns may name them.
    """
    index = index_tree(tree)
    above = list(_list_attributes_above(index, dockerfile, context))
    paths = [(dockerfile, context)] if above else []
    return (*paths, *above, *_list_inside(index, context))


def _list_attributes_above(
    tree: FileTree, dockerfile: str, context: str
) -> Iterator[tuple[str, str]]:
    """Yield the attributes of the folders above the Dockerfile and the context."""
    if not tree.attribute_files:
        return
    folders = {*PurePosixPath(dockerfile).parents, *PurePosixPath(context).parents}
    # gitattributes(5): git reads the files of all folders from the top down to that of the path.
    for folder in sorted(folders - {PurePosixPath(context)}):
        path = str(folder / _ATTRIBUTES_NAME)
        if path in tree:
            yield path, tree[path]


def _list_inside(tree: FileTree, context: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes in the context, ignored ones as well, and `.gitmodules`."""
    start = 0 if context == "." else len(context) + 1
    for path in select_below(tree.attribute_files, context):
        yield path[start:], tree[path]
    # git reads only the one at the top: gitmodules(5).
    if _MODULES_PATH in tree and select_below(tree.submodules, context):
        yield _MODULES_PATH, tree[_MODULES_PATH]
