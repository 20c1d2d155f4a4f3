"""Health checks of started containers: the image's own test, or that of a compose file."""

from collections.abc import Mapping, Sequence
from typing import Any

_NANOSECONDS_PER_SECOND = 1_000_000_000
# The interval is shorter than any image's, and no failure is final.
_TIMING = {
    "interval": _NANOSECONDS_PER_SECOND,
    # Zero means the image's own, and a millisecond is the least beside it (Engine API).
    "start_period": _NANOSECONDS_PER_SECOND // 1000,
    "retries": 1000,
}
_NONE = "NONE"


def has_health_check(config: Mapping[str, Any], test: Sequence[str] = ()) -> bool:
    """Return True if a container has a health check: `test`, or else that of its image."""
    chosen = test or (config.get("Healthcheck") or {}).get("Test") or [_NONE]
    return bool(chosen[0] != _NONE)


def make_health_check(config: Mapping[str, Any], test: Sequence[str] = ()) -> dict[str, Any]:
    """Return the option `healthcheck` of the SDK's `create_container`; empty where none is due."""
    if has_health_check(config, test):
        return {"healthcheck": {**({"test": list(test)} if test else {}), **_TIMING}}
    return {"healthcheck": {"test": [_NONE]}} if test else {}
