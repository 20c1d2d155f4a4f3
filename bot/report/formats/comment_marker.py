"""The hidden first line of a comment, by which a later run finds and updates it."""

import hashlib
import re
from dataclasses import dataclass

# GitHub's web editor saves a comment with CRLF line ends.
_MARKER = re.compile(
    r"<!-- image-size-review config=(?P<config>[a-z0-9-]{1,60}) head=(?P<head>[0-9a-f]{7,64}) -->"
    r"(?=\r?\n|\Z)"
)
_SHA = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class CommentMarker:
    """The configuration and the head commit that a comment reports on."""

    config_slug: str
    head_sha: str


def make_marker(config_key: str, head_sha: str) -> str:
    """Return the marker of a configuration's comment; ValueError if `head_sha` is not a SHA."""
    if not _SHA.fullmatch(head_sha):
        raise ValueError(f"{head_sha[:80]!r} is not a commit's SHA")
    return f"<!-- image-size-review config={make_slug(config_key)} head={head_sha} -->"


def read_marker(body: str) -> CommentMarker | None:
    """Read the marker at the start of a comment; None if it has none."""
    match = _MARKER.match(body)
    return CommentMarker(match["config"], match["head"]) if match else None


def is_own_comment(body: str, config_key: str) -> bool:
    """Return True if a comment has the marker of this configuration."""
    marker = read_marker(body)
    return marker is not None and marker.config_slug == make_slug(config_key)


def make_slug(config_key: str) -> str:
    """Return a readable slug for a key; a digest distinguishes keys with the same letters."""
    # `surrogatepass`: a configuration's path may hold bytes that are not UTF-8.
    # Only letters, digits and dashes: the key of a configuration cannot end the HTML comment.
    digest = hashlib.sha256(config_key.encode(errors="surrogatepass")).hexdigest()[:12]
    readable = re.sub(r"[^a-z0-9]+", "-", config_key.lower())[:40].strip("-")
    return f"{readable}-{digest}" if readable else digest
