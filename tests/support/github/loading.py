"""A state read from a JSON file and written back, for a stand-in in another process."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tests.support.github.stand_in import GitHubStandIn

# The file calls these by name. They come in this order, whatever the order in the file.
_STEPS = (
    "add_repository",
    "token",
    "add_commit",
    "open_issue",
    "open_pull_request",
    "comment",
    "label",
    "set_status",
    "add_run",
)
_SHOWN = (
    "issue_comments",
    "reviews",
    "review_comments",
    "events",
    "statuses",
)


def fill(stand_in: GitHubStandIn, description: Mapping[str, Any]) -> None:
    """Call the stand-in's methods: keys name methods, list entries their arguments."""
    unknown = sorted(set(description) - set(_STEPS))
    if unknown:
        raise ValueError(f"a state file knows {', '.join(_STEPS)}; not {', '.join(unknown)}")
    for step in _STEPS:
        for arguments in description.get(step, ()):
            getattr(stand_in, step)(**arguments)


def dump(stand_in: GitHubStandIn) -> dict[str, Any]:
    """Return all that requests can change, with the log and the violations."""
    contents = {
        name: [_plain(asdict(record)) for record in getattr(stand_in, name).values()]
        for name in _SHOWN
    }
    threads = stand_in.threads.values()
    return {
        **contents,
        "labels": {f"{each.repo}#{each.number}": list(each.labels) for each in threads},
        "graphql": [asdict(each) for each in stand_in.graphql],
        "requests": [each._asdict() for each in stand_in.requests],
        "violations": [str(each) for each in stand_in.violations],
    }


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in record.items()
    }
