"""Trees with some files of a commit, for checkouts that need no others."""

from collections.abc import Callable, Collection
from itertools import count
from pathlib import Path

from bot.adapters.git.attributes import Attributes
from bot.adapters.git.object_store import ObjectStore
from bot.project.file_tree import FileTree

_SUBMODULE_DECLARATION = ".gitmodules"


class PartialTrees:
    """Stores trees with a part of a commit's files; `folder`, made when needed, holds indexes.

    `list_files` returns the files of a commit.
    """

    def __init__(
        self,
        store: ObjectStore,
        folder: Path,
        attributes: Attributes,
        list_files: Callable[[str], FileTree],
    ) -> None:
        self._store, self._folder = store, folder
        self._attributes, self._list_files = attributes, list_files
        self._numbers = count()

    def store_part(self, sha: str, paths: Collection[str]) -> str:
        """Return the hash of a tree with these files of a commit; the commit's own in doubt.

        Submodules are in it as well, and the attributes by which the files are converted. Of
        a commit with filters all is needed: a report names the files that they would change.
        """
        tree = self._list_files(sha)
        if self._attributes.has_filters(sha):
            return sha
        # Without their declaration git checks out no submodules.
        submodules = tree.submodules if _SUBMODULE_DECLARATION in tree else ()
        others = (*tree.attribute_files, *submodules, _SUBMODULE_DECLARATION)
        selected = sorted(tree.keys() & {*paths, *others})
        return sha if len(selected) == len(tree) else self._store_tree(tree, selected) or sha

    def _store_tree(self, tree: FileTree, paths: Collection[str]) -> str:
        """Return the hash of a new tree; empty if git says that it leaves something out."""
        self._folder.mkdir(exist_ok=True)
        index = self._folder / str(next(self._numbers))
        git = self._store.remote.with_variables(GIT_INDEX_FILE=index)
        entries = "".join(f"{tree[path]}\t{path}\0" for path in paths)
        info = entries.encode(errors="surrogateescape")
        # A path that git refuses is a line on its stderr, and no failure.
        if git.run("update-index", "-z", "--index-info", stdin=info).stderr_lines:
            return ""
        # A partial clone need not have the contents yet: they are fetched when the tree is written
        # out.
        return git.run("write-tree", "--missing-ok").text
