"""Files with a name like a Dockerfile's: which of them are Dockerfiles.

The suffix of a name says most (data/file_kinds.txt); where it does not, the contents do. A file
that is called `Dockerfile`, or `*.Dockerfile`, is one, whatever is in it: the build of a broken one
says what is wrong with it.
"""

import re
from pathlib import PurePosixPath

from bot.pattern_lists import read_names

_LIST = "file_kinds.txt"
_OTHER_SUFFIXES = frozenset(read_names("bot.project", _LIST, "other kinds"))
_SOURCE_SUFFIXES = frozenset(read_names("bot.project", _LIST, "source kinds"))
_PLAIN_NAMES = frozenset({"dockerfile", "containerfile"})
_FROM = re.compile(rb"[ \t]*FROM[ \t]+\S", re.IGNORECASE)
_ANY_FROM = re.compile(_FROM.pattern, re.IGNORECASE | re.MULTILINE)
# Dockerfile reference: FROM [--platform=<platform>] <image> [AS <name>], and nothing behind it.
_WHOLE_FROM = re.compile(
    rb"[ \t]*FROM(?:[ \t]+--\S+)*[ \t]+[^-\s]\S*(?:[ \t]+AS[ \t]+\S+)?\s*\Z", re.IGNORECASE
)
# The parser directive `# syntax=`: only Dockerfiles have it, and only at their very beginning.
_FRONTEND = re.compile(rb"[ \t]*#[ \t]*syntax[ \t]*=[ \t]*\S", re.IGNORECASE)
_ARGUMENT = re.compile(rb"[ \t]*ARG[ \t]", re.IGNORECASE)
# The directive `escape` makes the backtick the character that continues a line.
_CONTINUED = (b"\\", b"`")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def is_other_kind(name: str) -> bool:
    """Return True for the name of a file that is of another kind than a Dockerfile."""
    return _get_suffix(name) in _OTHER_SUFFIXES


def needs_contents(path: str) -> bool:
    """Return True for a name that does not say by itself if the file is a Dockerfile."""
    name = path.rpartition("/")[2].lower()
    return name not in _PLAIN_NAMES and _get_suffix(name) not in _PLAIN_NAMES


def is_source_kind(path: str) -> bool:
    """Return True for a name that a source file may have as well as a Dockerfile."""
    return _get_suffix(path) in _SOURCE_SUFFIXES


def reads_as_dockerfile(path: str, text: bytes) -> bool:
    """Return True if the contents are those of a Dockerfile, by a name that `needs_contents`.

    A source file must begin as a Dockerfile does. Any other needs a `FROM` in some line.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    if _FRONTEND.match(text):
        return True
    return _begins_with_from(text) if is_source_kind(path) else bool(_ANY_FROM.search(text))


def begins_as_dockerfile(text: bytes) -> bool:
    """Return True if a file of any name begins with a whole `FROM`, which no other language has."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    return bool(_FRONTEND.match(text)) or _begins_with_from(text, _WHOLE_FROM)


def _begins_with_from(text: bytes, pattern: re.Pattern[bytes] = _FROM) -> bool:
    """Return True if the first instruction is `FROM`; comments and arguments may precede it."""
    is_argument = False
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith(b"#"):
            continue
        if not is_argument and not _ARGUMENT.match(line):
            return bool(pattern.match(line))
        is_argument = stripped.endswith(_CONTINUED)
    return False


def _get_suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower().removeprefix(".")
