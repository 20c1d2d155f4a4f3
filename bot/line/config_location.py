"""The place of the configuration file in a revision, which may be behind a symbolic link."""

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

from bot.errors import InputError
from bot.line.committed_links import NO_TARGET, read_link
from bot.line.ports import Git
from bot.project.followed_links import follow_links
from bot.project.git_tree import SYMLINK_MODE_PREFIX, GitTree


def choose_config_path(git: Git, sha: str, paths: Sequence[str]) -> str:
    """Return the path of several that a commit has a file at; the first one if it has none.

    InputError for several files: nobody knows which one is meant.
    """
    existing = [path for path in paths if find_config_file(git, sha, path) is not None]
    if len(existing) > 1:
        raise InputError(
            f"There are two configuration files in {sha[:12]}: {' and '.join(existing)}.",
            "only one of them can be used",
            "delete one",
        )
    return existing[0] if existing else paths[0]


def find_config_file(git: Git, sha: str, path: str) -> str | None:
    """Return the path of the file that `path` leads to; None if there is none.

    InputError for a link that leads to nothing in the repository: a limit would silently not hold.
    """
    tree = git.list_files(sha)
    pure = PurePosixPath(path)
    # `.github` itself may be a link.
    prefixes = [str(prefix) for prefix in (pure, *pure.parents)]
    links = [prefix for prefix in prefixes if _is_link(tree, prefix)]
    if not links:
        return str(pure) if str(pure) in tree else None
    follow = partial(_read_target, git, sha)
    folder = follow_links(tree, ".", str(pure.parent), follow)
    if folder is None or (folder and not tree.has_folder(folder)):
        raise _make_error(sha, path, links[-1])
    file = str(PurePosixPath(folder, pure.name))
    if file not in tree:
        return None
    target = follow_links(tree, ".", file, follow)
    if target is None or target not in tree:
        raise _make_error(sha, path, file)
    return target


def _is_link(tree: GitTree, path: str) -> bool:
    return tree.get(path, "").startswith(SYMLINK_MODE_PREFIX)


def _read_target(git: Git, sha: str, link: str) -> str:
    """Return the target of a link; one that leads out of the repository is followed nowhere."""
    target = read_link(git, sha, link) or ""
    return NO_TARGET if _leaves_tree(link, target) else target


def _leaves_tree(link: str, target: str) -> bool:
    """Return True for a target outside of the repository, or none at all."""
    parts = PurePosixPath(target).parts
    depth = len(PurePosixPath(link).parent.parts)
    return not target or target.startswith("/") or parts[: depth + 1] == ("..",) * (depth + 1)


def _make_error(sha: str, path: str, link: str) -> InputError:
    return InputError(
        f"The configuration file {path!r} cannot be read in {sha[:12]}.",
        f"the symbolic link {link!r} leads to no file of the repository",
        "replace the link by the file, or let it lead to one",
    )
