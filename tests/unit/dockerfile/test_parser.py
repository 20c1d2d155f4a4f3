"""Comments, directives and line numbers of a parsed Dockerfile."""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.stages import Dockerfile


def parse(text: str) -> Dockerfile:
    return DockerfileReader().parse(text.encode())


def test_comments_and_directives() -> None:
    dockerfile = parse(
        "# syntax=x\n# Escape=`\n# check=skip=all\n# one\nFROM a\n"
        "RUN b `\n  # two\n <<E\n# none\nE\n\t#three"
    )
    assert [(x.name, x.value) for x in dockerfile.directives] == [
        ("syntax", "x"),
        ("escape", "`"),
        ("check", "skip=all"),
    ]
    assert [(x.text, x.line) for x in dockerfile.comments] == [
        ("one", 4),
        ("two", 7),
        ("three", 11),
    ]
    assert dockerfile.escape == "`"


def test_comments_above_an_instruction_belong_to_it() -> None:
    dockerfile = parse("FROM a\n# one\n\n# two\n # three\nRUN b \\\n # four\n c\n# five\nRUN d")
    first, second = dockerfile.stages[0].instructions
    assert [x.text for x in dockerfile.find_comments(first)] == ["two", "three", "four"]
    assert [x.text for x in dockerfile.find_comments(second)] == ["five"]


def lines(text: str) -> list[tuple[str, int, int]]:
    return [
        (instruction.keyword, instruction.line_start, instruction.line_end)
        for stage in parse(text).stages
        for instruction in stage.instructions
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN x\nCMD y\n", [("RUN", 2, 2), ("CMD", 3, 3)]),
        ("FROM a\nRUN x \\\n  y\nCMD z\n", [("RUN", 2, 3), ("CMD", 4, 4)]),
        ("FROM a\nRUN x \\\n\n  # c\n  y\nCMD z\n", [("RUN", 2, 5), ("CMD", 6, 6)]),
        ("FROM a\nRUN <<EOF\nFROM b\nEOF\nCMD z", [("RUN", 2, 4), ("CMD", 5, 5)]),
        ("FROM a\nRUN <<-'E'\n\tx\n\tE\nCMD z", [("RUN", 2, 4), ("CMD", 5, 5)]),
        ("FROM a\nCOPY <<A <<B /x/\n1\nA\n2\nB\nCMD z", [("COPY", 2, 6), ("CMD", 7, 7)]),
        ("FROM a\nRUN cat \\\n # c\n <<EOF\nENV\nEOF\nCMD z", [("RUN", 2, 6), ("CMD", 7, 7)]),
        ("FROM a\nRUN echo $((1<<2)) <<<x\nCMD z", [("RUN", 2, 2), ("CMD", 3, 3)]),
        ("\ufeffFROM a\nRUN x", [("RUN", 2, 2)]),
        ("FROM a\nRUN x \\", [("RUN", 2, 2)]),
        ("# escape=`\nFROM a\nRUN x `\n  y\nCMD z", [("RUN", 3, 4), ("CMD", 5, 5)]),
        ("from a\nrun x", [("RUN", 2, 2)]),
    ],
)
def test_instructions_and_their_lines(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize("text", ["", "# nothing\n", "RUN x\n", "ARG A\n"])
def test_a_file_without_from_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no FROM"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("RUN true " + "a \\\n" * 100_000 + "b", 200_006),
        ("RUN <<E\n" + "a\r\n" * 30_000 + "E\n", 3),
        ("RUN " + "--a=b " * 60_000 + "c", 1),
    ],
)
def test_hundreds_of_kilobytes_in_one_instruction_are_read(text: str, length: int) -> None:
    dockerfile = parse(f"FROM a\n{text}")
    assert len(dockerfile.stages[0].instructions[0].argument_text) == length


@pytest.mark.parametrize(
    ("line", "flag", "words"),
    [
        ("COPY --chown=a:b\u00a0c /d /e", "--chown=a:b\u00c2", ("c", "/d", "/e")),
        ("COPY --chown=a\u0085 /d /e", "--chown=a\u00c2", ("/d", "/e")),
        ("COPY --chown=\u00e9 /d /e", "--chown=\u00c3\u00a9", ("/d", "/e")),
        ("COPY --chown=\u00e0:x /d", "--chown=\u00c3", (":x", "/d")),
        ("COPY --chown=a /\u00e9 /e", "--chown=a", ("/\u00e9", "/e")),
    ],
)
def test_flags_are_read_byte_by_byte(line: str, flag: str, words: tuple[str, ...]) -> None:
    """As BuildKit 0.34.2 reads them: a byte 0x85 or 0xA0 ends a flag, the others are Latin-1."""
    (copy,) = parse(f"FROM a\n{line}\n").stages[0].instructions
    assert ([x.text for x in copy.flags], copy.words) == ([flag], words)
