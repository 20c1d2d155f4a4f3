"""Fields of an event's payload, each of the type that GitHub's documentation gives it."""

import re
from collections.abc import Mapping
from typing import Any

# GitHub's one form of times, in UTC: they compare as texts.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# GitHub treats its pull requests like those of a fork, with a read-only token and no secrets.
_DEPENDABOT = "dependabot[bot]"
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class BadEvent(ValueError):
    """A payload that lacks a field of its event, or has one of another type."""


def read_text(data: Mapping[str, Any], name: str) -> str:
    """Return a text that is not empty."""
    value = data[name]
    if not isinstance(value, str) or not value:
        raise BadEvent(f"{name!r} in the payload is not a text")
    return value


def read_optional_text(data: Mapping[str, Any], name: str) -> str:
    """Return a text; empty where the payload has none."""
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise BadEvent(f"{name!r} in the payload is not a text")
    return value or ""


def read_sha(data: Mapping[str, Any], name: str) -> str:
    """Return the SHA of a commit."""
    value = read_text(data, name)
    if not _SHA.fullmatch(value):
        raise BadEvent(f"{name!r} in the payload is not a commit's SHA")
    return value


def read_number(data: Mapping[str, Any], name: str) -> int:
    """Return the number of a pull request."""
    value = data[name]
    # In Python, True is an int.
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadEvent(f"{name!r} in the payload is not a number")
    return value


def read_time(data: Mapping[str, Any], name: str) -> str:
    """Return a time such as `2026-01-02T03:04:05Z`; empty where the payload has none."""
    text = read_optional_text(data, name)
    if text and not _TIME.fullmatch(text):
        raise BadEvent(f"{name!r} in the payload is not a time")
    return text


def is_from_dependabot(actor: Any) -> bool:
    """Return True if Dependabot started a run: GitHub gives its jobs no secrets."""
    return isinstance(actor, Mapping) and actor.get("login") == _DEPENDABOT


def is_from_elsewhere(payload: Mapping[str, Any], repository: Any, actor: Any) -> bool:
    """Return True for a change of another repository, or one that Dependabot started.

    GitHub gives such a job no secrets. A repository that is gone was another one.
    """
    if is_from_dependabot(actor):
        return True
    if repository is None:
        return True
    own = read_text(payload["repository"], "full_name")
    return read_text(repository, "full_name").lower() != own.lower()
