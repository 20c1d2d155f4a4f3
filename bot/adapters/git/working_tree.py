"""The working tree as a commit, with its objects in a store of our own."""

import shutil
from pathlib import Path

from bot.adapters.git.clone import Clone
from bot.adapters.git.object_store import ObjectStore

WORKING_TREE = "working tree"

# With fixed author and dates, a snapshot of the same files is always the same commit.
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "image-size-review"), ("EMAIL", "-"), ("DATE", "@0 +0000"))
}


def snapshot_working_tree(clone: Clone, store: ObjectStore, head: str | None, folder: Path) -> str:
    """Return the commit of the working tree without ignored files: `head` if nothing has changed.

    It starts from a copy of the clone's own index: what git has compared is not read again, and
    files outside of a sparse checkout, which only the index knows, stay. The copy is in `folder`.
    """
    index = folder / "working-tree-index"
    # A split index (core.splitIndex) has its larger half in a file of the clone, beside the
    # original and not the copy.
    git = clone.command.with_variables(
        GIT_INDEX_FILE=index, GIT_OBJECT_DIRECTORY=store.objects
    ).with_settings(("core.splitIndex", "false"), *clone.disable_missing_filters())
    if clone.layout.index.is_file():
        # With its time: git compares the content of files that were written at the same moment.
        shutil.copy2(clone.layout.index, index)
        # Files that are marked as unchanged are compared all the same; its status says no more.
        git.attempt("update-index", "--really-refresh", "-q")
    git.run("add", "--all", "--sparse", "--", ".")
    tree = git.run("write-tree").text
    if head and tree == store.local.run("rev-parse", f"{head}^{{tree}}").text:
        return head
    parents = ["-p", head] if head else []
    identity = store.local.with_variables(**_IDENTITY)
    return identity.run("commit-tree", tree, *parents, "-m", WORKING_TREE).text
