"""The style of a file, in which new lines are written."""

import pytest

from bot.dockerfile.text_style import TextStyle, read_text_style
from tests.support.rewrite_world import make_facts

COMMANDS = ("apt-get update", "rm -r x")


def read_style(text: str) -> TextStyle:
    return read_text_style(make_facts(text).rule_input.dockerfile)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM x\n", "RUN apt-get update \\\n    && rm -r x"),
        ("FROM x\nRUN a \\\n  && b\n", "RUN apt-get update \\\n  && rm -r x"),
        ("FROM x\nRUN a && \\\n  b\n", "RUN apt-get update && \\\n  rm -r x"),
        ("FROM x\nRUN a && \\\n\tb\n", "RUN apt-get update && \\\n\trm -r x"),
        ("# escape=`\nFROM x\nRUN a && `\n    b\n", "RUN apt-get update && `\n    rm -r x"),
    ],
)
def test_commands_are_joined_as_in_the_file(text: str, expected: str) -> None:
    assert read_style(text).join_commands(COMMANDS) == expected


@pytest.mark.parametrize(
    ("text", "is_lower_case"),
    [
        ("FROM x\nRUN a\n", False),
        ("from x\nrun a\n", True),
        ("from x\nRUN a\nRUN b\n", False),
        ("\nfrom x\nrun a\nCMD b\n", True),
    ],
)
def test_the_case_is_that_of_most_keywords(text: str, is_lower_case: bool) -> None:
    assert read_style(text).is_lower_case is is_lower_case


def test_lines_in_lower_case() -> None:
    style = TextStyle(is_lower_case=True)
    assert style.format_line("FROM X AS Last") == "from X as Last"
    assert style.format_line("COPY --from=A /B AS C") == "copy --from=A /B AS C"
    assert TextStyle().format_line("FROM X AS Last") == "FROM X AS Last"


def test_long_lists_are_continued() -> None:
    text = TextStyle(indent="  ").wrap_words(["RUN rm -rf", *(f"folder-{n:03}" for n in range(20))])
    lines = text.split(" \\\n  ")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 98
    assert " ".join(lines).split()[3:] == [f"folder-{n:03}" for n in range(20)]
