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
    ("written", "meant"),
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
def test_one_spelling_for_each(written: str, meant: str) -> None:
    assert normalise_platform(written) == meant


@given(NAMES)
def test_a_spelling_once_found_stays(text: str) -> None:
    assert normalise_platform(normalise_platform(text)) == normalise_platform(text)
    assert next(iter(list_compatible_platforms(text))) == normalise_platform(text)


@pytest.mark.parametrize(
    ("offered", "wanted", "found"),
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
def test_the_best_of_those_that_run(offered: list[str], wanted: str, found: str | None) -> None:
    assert choose_best_platform(offered, wanted) == found
