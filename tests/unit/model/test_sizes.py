import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.sizes import (
    format_change,
    format_limit_percent,
    format_percent,
    format_size,
    format_size_range,
    join_names,
    parse_percent,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("2048", 2048),
        ("10MB", 10_000_000),
        ("10 mb", 10_000_000),
        ("1.5GB", 1_500_000_000),
        ("0.1GB", 100_000_000),
        ("512KiB", 524_288),
        (" 2kB ", 2_000),
        ("1,5 MB", 1_500_000),
        ("7B", 7),
    ],
)
def test_size_notations_are_parsed(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "ten MB", "10 MBs", "-1MB", "1e6", "10%", "1.2.3MB"])
def test_invalid_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


def test_percentages() -> None:
    assert parse_percent("2.5 %") == 2.5
    with pytest.raises(ValueError, match="not a percentage"):
        parse_percent("5")


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.00 kB"),
        (20_204, "20.2 kB"),
        (999_499, "999 kB"),
        (999_999, "1.00 MB"),
        (612_345_678, "612 MB"),
        (1_554_000_000, "1.55 GB"),
        (-3_000_000, "−3.00 MB"),
    ],
)
def test_sizes_are_shown_with_three_digits(size: int, shown: str) -> None:
    assert format_size(size) == shown


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ([3_200_000, 3_000_000, 3_100_000], "3.00 to 3.20 MB"),
        ([3_000_000, 3_000_001], "3.00 MB"),
        ([1_200_000, 990_000], "990 kB to 1.20 MB"),
    ],
)
def test_a_range_of_sizes_has_its_unit_once(sizes: list[int], shown: str) -> None:
    assert format_size_range(sizes) == shown


def test_a_change_always_has_its_sign() -> None:
    assert [format_change(x) for x in (-1, 0, 1)] == ["−1 B", "±0 B", "+1 B"]


@pytest.mark.parametrize("text", ["5", "2.5", "12.3456789", "0.00001", "1000000", "1000000000"])
def test_a_percentage_of_a_limit_is_written_as_it_was_set(text: str) -> None:
    assert format_limit_percent(parse_percent(f"{text}%")) == text


def test_growth_from_zero_has_no_percentage() -> None:
    assert format_percent(5, 0) is None
    assert format_percent(5, 100) == "+5.0 %"
    assert format_percent(-640, 900) == "−71.1 %"
    assert format_percent(1, 1_000_000) == "+0.00 %"


@given(st.integers(0, 10**16))
def test_a_formatted_size_is_close_to_the_exact_one(size: int) -> None:
    assert abs(parse_size(format_size(size)) - size) <= max(1, size * 0.006)


@pytest.mark.parametrize(
    ("names", "joined"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_names_are_joined(names: list[str], joined: str) -> None:
    assert join_names(names) == joined
