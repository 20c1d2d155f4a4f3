"""The hidden first line by which a later run knows our own comment, and what it speaks of."""

import hashlib
import re
from dataclasses import dataclass

_MARKER = re.compile(
    r"<!-- image-size-review config=(?P<config>[a-z0-9-]{1,60}) head=(?P<head>[0-9a-f]{7,64}) -->"
    r"(?=\r?\n|\Z)"
)
_SHA = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class CommentMarker:
    """What a marker says: which configuration's comment it is, and of which head commit."""

    config_slug: str
    head_sha: str


def make_marker(config_key: str, head_sha: str) -> str:
    """The marker of one configuration's comment; ValueError if `head_sha` is no SHA."""
    if not _SHA.fullmatch(head_sha):
        raise ValueError(f"{head_sha[:80]!r} is not a commit's SHA")
    return f"<!-- image-size-review config={make_slug(config_key)} head={head_sha} -->"


def read_marker(body: str) -> CommentMarker | None:
    """The marker that a comment begins with; None if the comment is not one of ours."""
    found = _MARKER.match(body)
    return CommentMarker(found["config"], found["head"]) if found else None


def is_own_comment(body: str, config_key: str) -> bool:
    """Whether a comment is ours and of this configuration."""
    marker = read_marker(body)
    return marker is not None and marker.config_slug == make_slug(config_key)


def make_slug(config_key: str) -> str:
    """A readable, harmless name for a key; the digest keeps apart what reads the same."""
    digest = hashlib.sha256(config_key.encode(errors="surrogatepass")).hexdigest()[:12]
    readable = re.sub(r"[^a-z0-9]+", "-", config_key.lower())[:40].strip("-")
    return f"{readable}-{digest}" if readable else digest
