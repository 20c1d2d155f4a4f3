"""Paths in a table break where their folders end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.formats.path_cell import break_path


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("api/Dockerfile", ["api/", "Dockerfile"]),
        ("a/b/c (the root)", ["a/b/c (the", "root)"]),
        ("a-very-long-name/x", ["a-very-long-name/", "x"]),
        ("/", ["/"]),
    ],
)
def test_a_path_breaks_after_a_slash_or_a_space(text: str, lines: list[str]) -> None:
    assert list(break_path(text, 11)) == lines


@given(st.text("ab/ ", max_size=30), st.integers(1, 12))
def test_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    lines = list(break_path(text, width))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    longest = max(map(len, text.replace("/", "/ ").split()), default=0)
    assert all(len(line) <= max(width, longest) for line in lines)
