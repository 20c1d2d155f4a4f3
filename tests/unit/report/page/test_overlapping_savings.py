"""A list of suggestions says which savings are not to be added up."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.model.suggestion import Suggestion
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import compared, review
from tests.support.report_cases import suggestion

_IMAGE = "FROM x 100MB / RUN a 240MB / RUN b 50MB / COPY . /app 10MB"


def option(number: int, saving: int, line: int | None, end: int | None = None) -> Suggestion:
    """Build a suggestion whose title is its number, without a line if it is a rewrite."""
    return suggestion(
        rule=f"r{number}",
        title=f"rule{number}",
        saving_bytes=saving,
        line_start=2 if line is None else line,
        line_end=end if end is not None else line,
        dockerfile="FROM y\n" if line is None else None,
        verification=None,
    )


def list_items(*suggestions: Suggestion) -> dict[str, str]:
    """Return the items of the list by the number of their suggestion."""
    page = render_markdown(review(compared(None, _IMAGE, suggestions=suggestions)))
    lines = [line for line in page.splitlines() if line.startswith("- **−")]
    return {match[0]: line for line in lines if (match := re.search(r"rule\d+", line))}


def test_more_than_a_line_has_cannot_be_saved_in_it() -> None:
    items = list_items(option(1, 233_000_000, 2), option(2, 60_000_000, 2), option(3, 4_000_000, 2))
    assert "above" not in items["rule1"]
    assert "(line 2; estimate; overlaps the −233 MB above: do not add them)" in items["rule2"]
    # 237 of 240 MB may be of different files.
    assert "(line 2; estimate; may overlap the −233 MB above: do not add them)" in items["rule3"]


def test_a_rewritten_file_may_have_every_other_saving() -> None:
    items = list_items(option(1, 90_000_000, None), option(2, 5_000_000, 4))
    assert "may overlap the −90.0 MB above: do not add them" in items["rule2"]


def test_savings_of_different_lines_are_as_they_were() -> None:
    items = list_items(option(1, 100_000_000, 2), option(2, 5_000_000, 4))
    assert not any("overlap" in item for item in items.values())


@st.composite
def options(draw: st.DrawFn) -> list[Suggestion]:
    """Draw suggestions for some lines, or for the whole file."""
    count = draw(st.integers(1, 6))
    drawn = []
    for number in range(count):
        line = draw(st.none() | st.integers(2, 4))
        end = None if line is None else line + draw(st.integers(0, 1))
        drawn.append(option(number, draw(st.integers(1, 300)) * 1_000_000, line, end))
    return drawn


@given(drawn=options())
def test_what_nothing_is_said_of_may_be_added_up(drawn: list[Suggestion]) -> None:
    items = list_items(*drawn)
    assert len(items) == len(drawn)
    free = [x for x in drawn if "do not add" not in items[x.title]]
    assert free
    for position, first in enumerate(free):
        assert not any(first.shares_lines(second) for second in free[position + 1 :])
