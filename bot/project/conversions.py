"""The files of a git tree that shape the bytes of other files when they are checked out.

`.gitattributes` converts line ends and encodings, and `.gitmodules` decides which submodules there
are, whether or not a build gets to see these two.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

_ATTRIBUTES_NAME = ".gitattributes"
_MODULES_PATH = ".gitmodules"
_SUBMODULE_MODE_PREFIX = "160000 "


def list_conversions(
    tree: Mapping[str, str], dockerfile: str, context: str
) -> tuple[tuple[str, str], ...]:
    """Return what shapes the files of a build: paths, with mode and object ID.

    Files in the context are relative to it. With one above the Dockerfile or the context, their
    paths count as well, since its patterns may name them.
    """
    above = list(_list_attributes_above(tree, dockerfile, context))
    paths = [(dockerfile, context)] if above else []
    return (*paths, *above, *_list_inside(tree, "" if context == "." else f"{context}/"))


def _list_attributes_above(
    tree: Mapping[str, str], dockerfile: str, context: str
) -> Iterator[tuple[str, str]]:
    """Yield the attributes of the folders above the Dockerfile and the context."""
    folders = {*PurePosixPath(dockerfile).parents, *PurePosixPath(context).parents}
    for folder in sorted(folders - {PurePosixPath(context)}):
        path = str(folder / _ATTRIBUTES_NAME)
        if path in tree:
            yield path, tree[path]


def _list_inside(tree: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes in the context, ignored ones as well, and `.gitmodules`."""
    has_submodules = False
    for path, entry in tree.items():
        if path.startswith(prefix):
            if path.endswith(_ATTRIBUTES_NAME):
                yield path[len(prefix) :], entry
            has_submodules = has_submodules or entry.startswith(_SUBMODULE_MODE_PREFIX)
    if has_submodules and _MODULES_PATH in tree:
        yield _MODULES_PATH, tree[_MODULES_PATH]
