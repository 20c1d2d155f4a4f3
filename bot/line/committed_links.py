"""The targets of the symbolic links of a commit, which git keeps as the contents of files."""

from bot.line.ports import Git

# PATH_MAX of Linux: a longer one cannot be checked out.
_MAX_LINK_BYTES = 4096
# Of a link that cannot be read: it leads to no file of the repository.
NO_TARGET = "?"


def read_link(git: Git, sha: str, path: str) -> str | None:
    """Return the target of a link; None if it cannot be read."""
    target = git.read_plain_file(sha, path, _MAX_LINK_BYTES)
    # Git has bytes. Two names that are no UTF-8 must not become the same one.
    return None if target is None else target.decode(errors="surrogateescape")
