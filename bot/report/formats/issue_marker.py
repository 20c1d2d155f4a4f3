"""The hidden first line of a tracking issue, by which a later audit finds and updates it."""

import re
from dataclasses import dataclass

from bot.report.formats.comment_marker import make_slug

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_MARKER = re.compile(
    r"<!-- image-size-review audit=(?P<audit>[a-z0-9-]{1,60}) "
    rf"made-at=(?P<made_at>{_TIME.pattern}) -->(?=\r?\n|\Z)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class IssueMarker:
    """The inputs of an audit, and when it was made."""

    audit_slug: str
    made_at: str


def make_issue_marker(audit_key: str, made_at: str) -> str:
    """Return the marker of an audit's issue; ValueError if `made_at` is not a time in UTC."""
    if not _TIME.fullmatch(made_at):
        raise ValueError(f"{made_at[:80]!r} is not a time")
    return f"<!-- image-size-review audit={make_slug(audit_key)} made-at={made_at} -->"


def read_issue_marker(body: str, audit_key: str) -> IssueMarker | None:
    """Read the marker at the start of an issue; None if it is not one of these inputs."""
    match = _MARKER.match(body)
    if match is None or match["audit"] != make_slug(audit_key):
        return None
    return IssueMarker(match["audit"], match["made_at"])
