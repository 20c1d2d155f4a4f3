"""Named build contexts, as `--build-context NAME=VALUE` takes them, by what their values name.

Buildx takes an address that it cannot parse for a path of the machine. So only what surely is an
address is one here; all that looks like one and is none is refused.
"""

import ipaddress
import re
from enum import Enum
from urllib.parse import urlsplit

IMAGE_PREFIX = "docker-image://"
# Built by a file of bake or compose: what reads that file puts an image in their place.
TARGET_PREFIX = "target:"
# An image that was built before, in a folder of this program; nobody else may name one.
_LAYOUT_PREFIX = "oci-layout://"
# The fragment of a git context, `#REF:FOLDER`, with a commit of git's SHA-1 or SHA-256 format.
_COMMIT = re.compile(r"#[0-9a-f]{40}(?:[0-9a-f]{24})?(?::.*)?$")
_SCHEMES = ("https://", "http://", "ssh://", "git://")
_IMAGE = re.compile(r"docker-image://(?:\[[0-9A-Fa-f:]+\])?[A-Za-z0-9:][\w.:/@+-]*", re.ASCII)
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CHARACTER = r"(?:[\w.~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})"
# A URL by RFC 3986 as far as git and HTTP use it: scheme, user, a host or an IPv6 address, port,
# path.
_URL = re.compile(
    rf"[a-z]+://(?:(?:[\w.~!$&'()*+,;=:-]|%[0-9A-Fa-f]{{2}})+@)?"
    rf"(?:{_HOST}|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])(?::\d{{1,5}})?(?:[/?#]{_CHARACTER}*)?",
    re.ASCII,
)
_GIT_PATH = re.compile(rf"git@{_HOST}:{_CHARACTER}+", re.ASCII)
_LIKE_ADDRESS = re.compile(r"github\.com/|service:|git@|[^/@\s]+@[^/:\s]+:", re.IGNORECASE)


class ContextKind(Enum):
    """The kinds of what a named context may be."""

    FOLDER = "a folder of the repository"
    TARGET = "an image that a compose or bake file builds"
    IMAGE = "an image of a registry"
    ADDRESS = "an address of git or HTTP"


def classify_context(value: str) -> ContextKind:
    """Return the kind of a context that a person or a file names; ValueError for what is none.

    A folder may still be outside of the repository.
    """
    if value.startswith(TARGET_PREFIX) and ".." not in value.split("/"):
        return ContextKind.TARGET
    if _IMAGE.fullmatch(value) and ".." not in value.split("/"):
        return ContextKind.IMAGE
    if is_address(value):
        return ContextKind.ADDRESS
    if "://" in value or value.startswith(TARGET_PREFIX) or _LIKE_ADDRESS.match(value):
        raise ValueError(
            f"{_shorten(value)!r} is not a folder, docker-image:// reference or URL of git or HTTP "
            "(https://, ssh://, git://, git@HOST:PATH)"
        )
    return ContextKind.FOLDER


def is_address(value: str) -> bool:
    """Return True for a URL with a host, and for `git@HOST:PATH`, whatever reads it."""
    if ".." in re.split(r"[/:?#]", value):
        return False
    if _GIT_PATH.fullmatch(value):
        return True
    match = _URL.fullmatch(value) if value.startswith(_SCHEMES) else None
    if match is None:
        return False
    try:
        ipaddress.IPv6Address(match["ipv6"] or "::")
        return bool(urlsplit(value).hostname) and urlsplit(value).port != 0
    except ValueError:
        return False


def find_context_image(value: str) -> str | None:
    """Return the reference of the image that a named context is; None for any other."""
    return value.removeprefix(IMAGE_PREFIX) if value.startswith(IMAGE_PREFIX) else None


def find_context_folder(value: str) -> str | None:
    """Return the folder of the repository that a named context is; None for any other."""
    is_other = value.startswith((TARGET_PREFIX, IMAGE_PREFIX, _LAYOUT_PREFIX)) or is_address(value)
    return None if is_other else value


def is_moving_context(value: str) -> bool:
    """Return True for an address that may have other content later: it names no commit of git."""
    return is_address(value) and not _COMMIT.search(value)


def _shorten(value: str) -> str:
    return value if len(value) <= 100 else f"{value[:100]}…"
