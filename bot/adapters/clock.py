"""The time of day."""

from datetime import UTC, datetime


def read_time() -> str:
    """Return the time in UTC and whole seconds, such as `2026-01-02T03:04:05Z`."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
