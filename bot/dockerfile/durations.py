"""Durations as Go writes them: `1m30s`, `500ms`."""

import re

# `unitMap` of Go's time package: `µs` with the micro sign and with the Greek letter mu.
_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = re.compile(r"([0-9]*)(\.[0-9]*)?(ns|us|µs|μs|ms|s|m|h)")
_DURATION = re.compile(rf"[+-]?(?:{_PART.pattern})+")
_MAX_NS = 2**63 - 1
# A bound for int(), which refuses thousands of digits.
_MAX_LENGTH = 100


def parse_duration_ns(text: str) -> int | None:
    """Return the nanoseconds of a duration; None where `time.ParseDuration` of Go fails.

    >>> parse_duration_ns("1m30s"), parse_duration_ns("5")
    (90000000000, None)
    """
    if text.lstrip("+-") == "0" and len(text) < 3:
        return 0
    if len(text) > _MAX_LENGTH or not _DURATION.fullmatch(text):
        return None
    total_ns = 0
    for whole, fraction, unit in _PART.findall(text):
        digits = fraction[1:]
        if not whole and not digits:
            return None
        unit_ns = _UNITS_NS[unit]
        total_ns += int(whole or "0") * unit_ns + int(digits or "0") * unit_ns // 10 ** len(digits)
    if total_ns > _MAX_NS:
        return None
    return -total_ns if text.startswith("-") else total_ns
