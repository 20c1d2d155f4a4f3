"""A reader's ten questions, each answered on the first screen of the comment on a phone.

The screen is 390 px wide and 844 px high (iPhone 12 to 15), of which the bars of the browser and GitHub's
header leave about 650 px. GitHub shows a comment in letters of 14 px, 324 px wide: 46 characters in a line
of 21 px. Chromium with GitHub's style sheet has just as many lines of text, and no wider or higher table.
"""

import re
from collections.abc import Callable
from itertools import accumulate
from math import ceil

import pytest

from bot.model.report import Report
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import budget, compared, image, review
from tests.support.report_cases import FOLDER, explained, over_budget, shared_base
from tests.unit.report.rendered_page import read

_SCREEN_HEIGHT, _WIDTH = 650, 324
_HEADING, _TEXT = (22, 36), (21, 46)  # the height of a line, and its characters
_GAP, _HEADER, _ROW = 16, 34, 55  # a row is of two lines: its mark, and its name below
_CELL_PADDING, _CHARACTER = 27, 9.3
_QUESTIONS = {
    "Which image?": ("headline", "api grew"),
    "By how much?": ("headline", "grew by 612 MB to 900 MB"),
    "Is that allowed?": ("headline", "Over budget: "),
    "How much is allowed?": ("headline", "limit: +10 MB"),
    "Which line?": ("Why", "Line 2, RUN apt-get update && apt-get install -y build-essential"),
    "Which package?": ("Why", "gcc-12 (331 MB), libc6-dev (212 MB)"),
    "Was it there before?": ("Why", "The line is new"),
    "What does it cost to pull?": ("Why", "a machine with the old image pulls 310 MB"),
    "What do I write to fix it?": (
        "Fix",
        "Use a multi-stage build and copy only the result (line 2), which saves 605 MB",
    ),
    "Where is it written out?": ("Fix", "The patch is in the details"),
    "What if I want it?": (
        "Fix",
        "If the growth is intended, set the label image-size-approved (",
    ),
    "Without a label?": (
        "Fix",
        "Or set budget: {max-growth: 660MB} for api in .github/image-size.yml, in a separate pull request",
    ),
    "Who can approve?": ("Fix", "(needs write access;"),
}


def first_screen(markdown: str) -> dict[str, str]:
    """Return the text of each part above the first fold: `headline`, `Why`, `Fix` and `table`.

    `notes` are below the table.
    """
    parts = {}
    for block in markdown.partition("<details>")[0].split("\n\n"):
        visible = block.partition("-->\n")[2] if block.startswith("<!--") else block
        if not visible.strip():
            continue
        name = re.match(r"\*\*(.+):\*\*|(\|)", visible)
        key = (name[1] or "table") if name else "notes" if "table" in parts else "headline"
        parts[key] = visible if key == "table" else " ".join(read(visible).text.split())
    return parts


def measure_height(parts: dict[str, str]) -> int:
    """Return the height of the parts on the screen, in pixels."""
    heights = []
    for name, text in parts.items():
        if name == "table":
            _, _, *rows = text.splitlines()
            heights.append(_HEADER + sum(_ROW + 21 * row.count("<br>") for row in rows))
            continue
        line, characters = _HEADING if name == "headline" else _TEXT
        heights.append(line * ceil(len(text) / characters))
    return sum(heights) + _GAP * len(heights)


def list_visible_columns(table: str) -> list[str]:
    """Return the headers of the columns that lie within the width of the screen."""
    rows = [
        [
            read(cell.strip()).text.strip("\n").replace("*", "")
            for cell in line.strip("|\n").split("|")
        ]
        for line in table.splitlines()
        if "---" not in line
    ]
    widths = (
        max(map(len, column)) * _CHARACTER + _CELL_PADDING for column in zip(*rows, strict=True)
    )
    ends = accumulate(widths)
    return [header for header, end in zip(rows[0], ends, strict=True) if end <= _WIDTH]


@pytest.mark.parametrize("question", _QUESTIONS)
def test_a_question_is_answered_on_the_first_screen(question: str) -> None:
    parts = first_screen((FOLDER / "over-budget.md").read_text("utf-8"))
    part, answer = _QUESTIONS[question]
    assert list(parts) == ["headline", "Why", "Fix", "table"]
    assert answer in parts[part]
    until = list(parts).index(part) + 1
    assert measure_height(dict(list(parts.items())[:until])) <= _SCREEN_HEIGHT


@pytest.mark.parametrize("case", [over_budget, explained, shared_base])
def test_the_numbers_of_the_table_are_on_the_first_screen(
    case: Callable[[], Report],
) -> None:
    """The download, in the last column, lies outside of it: that is why a sentence says it."""
    parts = first_screen(render_markdown(case()))
    assert list_visible_columns(parts["table"])[:3] == ["image", "change", "size"]
    assert measure_height(parts) <= _SCREEN_HEIGHT
    assert "a machine with the old image pulls" in parts["Why"]


def test_thirty_images_with_a_file_in_common_are_on_the_first_screen() -> None:
    """Of which one grew by another file too, and ten are within limits of their own."""
    world, common = "FROM python 120MB / COPY shared /srv", frozenset({"max-growth"})
    new, model = f"{world} 4MB ~2 (/srv 4MB)", " / COPY model /model 9MB (/model 9MB)"
    images = [
        compared(
            image(f"{world} 1MB (/srv 1MB)", tree="srv/old.bin 1MB @2"),
            image(new + model * (number == 7), tree="srv/old.bin 1MB @2, srv/blob.bin 3MB @2"),
            budget(max_growth="2MB", common=common) if number < 20 else budget(max_growth="9MB"),
            f"services/s{number:02}",
        )
        for number in range(30)
    ]
    parts = first_screen(render_markdown(review(*images)))
    assert parts["headline"] == (
        "❌ Over budget: 20 of 30 images that grew by 3.00 MB each: /srv/blob.bin; limit: +2 MB; "
        "services/s07 by 9.00 MB more"
    )
    assert "set budget: {max-growth: 3.2MB} at the top level, and " in parts["Fix"]
    assert "services/s00, services/s01" in parts.pop("notes")
    assert measure_height(parts) <= _SCREEN_HEIGHT
