"""Shell patterns, compared with a matcher that goes back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dockerfile.shell_patterns import ShellPattern, parse_pattern

PATTERNS = st.text(alphabet="ab*?\n", max_size=8)
TEXTS = st.text(alphabet="ab\n", max_size=12)


def parse(pattern: str) -> ShellPattern:
    return parse_pattern(pattern, lambda _: None)


def make_expression(pattern: str, many: str) -> re.Pattern[str]:
    parts = {"*": many, "?": "."}
    return re.compile("".join(parts.get(x, re.escape(x)) for x in pattern))


@given(PATTERNS, TEXTS)
def test_a_start_is_removed_as_an_expression_matches_it(pattern: str, text: str) -> None:
    for longest, many in ((True, ".*"), (False, ".*?")):
        match = make_expression(pattern, many).match(text)
        expected = text[match.end() :] if match else text
        assert parse(pattern).strip_prefix(text, longest=longest) == expected


@given(PATTERNS, TEXTS)
def test_an_end_is_removed_as_an_expression_matches_it(pattern: str, text: str) -> None:
    expression = make_expression(pattern, ".*")
    lengths = [n for n in range(len(text) + 1) if expression.fullmatch(text, n)]
    longest = text[: lengths[0]] if lengths else text
    shortest = text[: lengths[-1]] if lengths else text
    assert parse(pattern).strip_suffix(text, longest=True) == longest
    assert parse(pattern).strip_suffix(text, longest=False) == shortest


@given(PATTERNS, TEXTS)
def test_matches_are_those_of_an_expression(pattern: str, text: str) -> None:
    expected, last_end = [], 0
    for match in make_expression(pattern, ".*").finditer(text):
        start, end = match.span()
        if end > last_end or start == 0:  # Go leaves out nothing right behind a match
            expected.append((start, end))
            last_end = end
    assert list(parse(pattern).list_matches(text)) == expected


def test_escaped_characters_are_themselves() -> None:
    assert list(parse(r"\*\?\\").list_matches(r"a*?\*?")) == [(1, 4)]


@pytest.mark.parametrize("pattern", [r"\a", "\\", "a" * 1_001])
def test_a_pattern_that_is_not_read_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        parse(pattern)
