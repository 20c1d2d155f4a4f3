"""Files of a commit that no folder of this machine can hold: git stores names of any length."""

import os
from collections.abc import Iterable
from pathlib import Path

from bot.adapters.git.git_command import GitCommand


def list_unwritable(paths: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Return the paths that are too long below a folder, by its file system's limits."""
    max_name, max_path = os.pathconf(folder, "PC_NAME_MAX"), os.pathconf(folder, "PC_PATH_MAX")
    prefix_bytes = len(os.fsencode(folder)) + 2  # a slash before the path, a null byte behind it
    return tuple(
        path
        for path in paths
        # Most paths are shorter than a name may be.
        if len(encoded := os.fsencode(path)) > max_name
        and (
            prefix_bytes + len(encoded) > max_path
            or any(len(name) > max_name for name in encoded.split(b"/"))
        )
    )


def store_tree_without(git: GitCommand, sha: str, paths: Iterable[str], folder: Path) -> str:
    """Store a commit's tree without some of its paths, and return its hash; `folder` is new."""
    folder.mkdir()
    path_list = folder / "paths"
    path_list.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in paths))
    own_index = git.with_variables(GIT_INDEX_FILE=folder / "index", GIT_LITERAL_PATHSPECS="1")
    own_index.run("read-tree", sha)
    # As a file, since the names alone may be longer than all arguments of a program.
    options = ("--cached", "--force", "--quiet", "--pathspec-file-nul")
    own_index.run("rm", *options, f"--pathspec-from-file={path_list}")
    return own_index.run("write-tree", "--missing-ok").text
