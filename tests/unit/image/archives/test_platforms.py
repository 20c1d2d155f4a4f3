"""Platforms in one spelling, and the best of several offered ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.archives.platforms import (
    choose_best_platform,
    list_compatible_platforms,
    normalise_platform,
)

NAMES = st.from_regex(r"[a-z0-9_]{1,8}/[a-z0-9_]{1,8}(/[a-z0-9]{1,4})?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/x86_64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/aarch64/8", "linux/arm64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("windows/amd64", "windows/amd64"),
    ],
)
def test_platforms_are_normalised(text: str, normalised: str) -> None:
    assert normalise_platform(text) == normalised


@given(NAMES)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_platform(normalise_platform(text)) == normalise_platform(text)
    assert next(iter(list_compatible_platforms(text))) == normalise_platform(text)


@pytest.mark.parametrize(
    ("offered", "requested", "chosen"),
    [
        (["linux/amd64", "linux/arm64/v8"], "linux/arm64", "linux/arm64/v8"),
        (["linux/arm/v5", "linux/arm/v6"], "linux/arm", "linux/arm/v6"),
        (["linux/arm/v7"], "linux/arm/v6", None),
        (["linux/amd64"], "linux/amd64/v2", "linux/amd64"),
        (["linux/amd64/v2"], "linux/amd64", None),
        (["windows/amd64"], "linux/amd64", None),
        (["", "linux/386"], "linux/386", "linux/386"),
    ],
)
def test_the_best_compatible_platform_is_chosen(
    offered: list[str], requested: str, chosen: str | None
) -> None:
    assert choose_best_platform(offered, requested) == chosen


@pytest.mark.parametrize("version", ["v99999999999", "v²", "v" + "9" * 5000])
def test_a_variant_without_end_is_compatible_with_itself_alone(version: str) -> None:
    assert list(list_compatible_platforms(f"linux/arm64/{version}")) == [f"linux/arm64/{version}"]
