"""The folder of the job's clone: the workspace, or the one below it that `path` names."""

import os
from collections.abc import Iterator
from pathlib import Path

from bot.adapters.checkout_files import is_below
from bot.doc_links import doc_url
from bot.errors import GitError

_SEARCH_DEPTH = 3  # as in `path: src/github.com/app`
# The search is for a message alone, and a workspace may have node_modules.
_MAX_SEARCHED_FOLDERS = 1000


def find_clone(workspace: Path, path: str | None) -> Path:
    """Return the folder of the clone; GitError, with the input to set, if there is none.

    No other folder is taken for it: a workspace may have clones of several repositories.
    """
    folder = workspace / (path or ".")
    # A link of the checkout could lead to a clone of another job on a self-hosted runner.
    if _is_clone(folder) and is_below(folder, workspace):
        return folder
    subject = f"The folder {path!r} of the workspace" if path else "The workspace"
    clones = list_clones(workspace)
    if clones:
        names = ", ".join(repr(clone) for clone in clones)
        raise GitError(
            f"{subject} is not a git repository.",
            f"git repositories of the workspace: {names}",
            _suggest_input(clones),
        )
    if folder.is_dir() and any(folder.iterdir()):
        raise GitError(
            f"{subject} is not a git repository.",
            "it has files but no .git: without git in the job's container, actions/checkout "
            "downloads only the files",
            f"install git in that container before actions/checkout, see {doc_url('checkouts')}",
        )
    raise GitError(
        f"{subject} is not a git repository.",
        "it has no files",
        "run actions/checkout before this action, in the same job",
    )


def list_clones(workspace: Path) -> tuple[str, ...]:
    """Return the clones of the workspace, as paths in it, the upper ones first."""
    if not workspace.is_dir():
        return ()
    return tuple(str(clone.relative_to(workspace)) for clone in _search(workspace))


def _suggest_input(clones: tuple[str, ...]) -> str:
    """Return the line to write: a clone at the top needs none."""
    if clones[0] == ".":
        return "leave out the input `path`, or set it to the `path` of actions/checkout"
    return f"set the input `path` to that of actions/checkout, for example `path: {clones[0]}`"


def _search(workspace: Path) -> Iterator[Path]:
    folders, searched = [workspace], 0
    for depth in range(_SEARCH_DEPTH + 1):
        below: list[Path] = []
        for folder in folders:
            searched += 1
            if _is_clone(folder):
                yield folder
            elif depth < _SEARCH_DEPTH and searched < _MAX_SEARCHED_FOLDERS:
                below += _list_folders(folder)
        folders = sorted(below)


def _list_folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _is_clone(folder: Path) -> bool:
    return (folder / ".git").exists()
