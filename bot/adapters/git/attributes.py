"""The attributes by which a checkout has other bytes than the commit."""

from pathlib import PurePosixPath

from bot.adapters.git.git_command import GitCommand
from bot.adapters.temporary_folders import temporary_folder

# Not `text` and `eol`: what they change, a reader of lines does not notice.
_CONVERSIONS = ("filter", "ident", "working-tree-encoding")


def is_converted(git: GitCommand, sha: str, path: str) -> bool:
    """Return True if attributes of a commit convert a file of it when it is checked out."""
    sources = [str(folder / ".gitattributes") for folder in PurePosixPath(path).parents]
    literal = git.with_variables(GIT_LITERAL_PATHSPECS="1")
    if not literal.run("ls-tree", "--full-tree", sha, "--", *sources).stdout:
        return False
    # An index of the commit alone: no other index and no file has a say.
    with temporary_folder() as folder:
        in_index = git.with_variables(GIT_INDEX_FILE=folder / "index")
        in_index.run("read-tree", sha)
        listing = in_index.run("check-attr", "--cached", "-z", *_CONVERSIONS, "--", path).stdout
    values = listing.decode(errors="surrogateescape").split("\0")[2::3]
    return any(value not in {"unspecified", "unset"} for value in values)
