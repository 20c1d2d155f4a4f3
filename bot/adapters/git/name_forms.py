"""The forms of names that come from outside: each is a name, never an option or a refspec.

The rules are those of git-check-ref-format(1), and what may follow a name in gitrevisions(7) to
name an ancestor.
"""

import re

from bot.errors import GitError

_MAX_LENGTH = 1000
_MAX_QUOTED = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ANCESTOR_SUFFIX = re.compile(r"(?:[~^][0-9]*)+$")
# Besides the characters: `..`, `//`, `@{`, names that begin with a dot or end with `.lock`, a `-`
# (an option) or `+` (a refspec) in front, `@` alone, and a dot or slash at the end.
_ILLEGAL = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|/\.|\.lock(?:/|$)|^[-+./]|^@$|[./]$")


def is_sha(name: object) -> bool:
    """Return True for the full SHA of an object."""
    return isinstance(name, str) and bool(_SHA.fullmatch(name))


def is_resolvable(name: str) -> bool:
    """Return True unless git could not even be started with this name."""
    return 0 < len(name) <= _MAX_LENGTH and not _CONTROL.search(name)


def is_ref_name(name: str) -> bool:
    """Return True for a name that a branch or tag can have, or a path below refs/."""
    return is_resolvable(name) and not _ILLEGAL.search(name)


def quote_name(name: object) -> str:
    """Return a name for a message, cut where it is too long to be one."""
    text = name if isinstance(name, str) else repr(name)
    return repr(text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…")


def check_revision_name(name: str) -> None:
    """Raise GitError unless a name has the form of a branch, a tag, a SHA or their ancestor."""
    if not is_ref_name(_ANCESTOR_SUFFIX.sub("", name)):
        raise GitError(
            f"{quote_name(name)} is not a branch, tag or commit.",
            "a name has no spaces, no colon and no two dots in a row, and does not begin with - or "
            "+",
            "give the name of a branch or tag, a path below refs/, or the SHA of a commit",
        )


def check_sha(name: object) -> str:
    """Return a full SHA; GitError for anything else."""
    if not isinstance(name, str) or not is_sha(name):
        raise GitError(
            f"{quote_name(name)} is not a branch, tag or commit.",
            "the SHA of a commit has 40 hexadecimal digits",
            "check the event that started the job",
        )
    return name
