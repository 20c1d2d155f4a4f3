"""Durations in the form of Go."""

import pytest

from bot.dockerfile.durations import parse_duration_ns


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5_000_000_000),
        ("+1m", 60_000_000_000),
        ("1h1m1.5s", 3_661_500_000_000),
        (".5s", 500_000_000),
        ("5.s", 5_000_000_000),
        ("1us", 1_000),
        ("1µs", 1_000),
        ("-5s", -5_000_000_000),
    ],
)
def test_a_duration_is_a_number_of_nanoseconds(text: str, nanoseconds: int) -> None:
    assert parse_duration_ns(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "5", "s", ".s", "5 s", "5d", "$X", "+-1s", "9999999h", "٥s"])
def test_anything_else_is_none(text: str) -> None:
    assert parse_duration_ns(text) is None
