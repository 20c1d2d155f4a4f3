"""Edits change what they name and keep every other byte."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.dockerfile_parser import split_instruction
from bot.dockerfile.edits import (
    TextChange,
    apply_changes,
    insert_lines,
    to_line_edits,
)
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.parser import parse_instructions
from bot.dockerfile.source_text import BOM, SourceText, Span
from bot.model.suggestion import Edit
from tests.support.generated_dockerfiles import dockerfiles

WINDOWS = SourceText(b"\xef\xbb\xbfFROM a\r\nRUN b\r\nCMD c")
UNIX = SourceText(b"FROM a\nRUN \xff\nCMD c\n")


def replace_lines(source: SourceText, first: int, last: int, text: str) -> TextChange:
    """Replace lines, both ends included; the last keeps its line ending."""
    start, end = source.line_text(first).span.start, source.line_text(last).span.end
    return TextChange(Span(start, end), text.removesuffix("\n"))


def delete_lines(source: SourceText, first: int, last: int) -> TextChange:
    """Delete lines, both ends included."""
    return TextChange(Span(source.line_text(first).span.start, source.lines[last - 1].end), "")


lines = st.binary(max_size=9).map(lambda line: line.replace(b"\n", b""))
sources = st.builds(
    lambda parts, end: SourceText(b"\n".join(parts) + end),
    st.lists(lines, min_size=1, max_size=6),
    st.sampled_from([b"", b"\n", b"\r\n"]),
).filter(lambda source: bool(source.lines))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (replace_lines(UNIX, 2, 2, "RUN x\nRUN y\n"), b"FROM a\nRUN x\nRUN y\nCMD c\n"),
        (delete_lines(UNIX, 2, 3), b"FROM a\n"),
        (insert_lines(UNIX, 1, "# syntax=x"), b"# syntax=x\nFROM a\nRUN \xff\nCMD c\n"),
        (insert_lines(UNIX, 4, "USER x"), b"FROM a\nRUN \xff\nCMD c\nUSER x\n"),
        (TextChange(Span(5, 6), "b"), b"FROM b\nRUN \xff\nCMD c\n"),
    ],
)
def test_a_line_is_replaced(change: TextChange, expected: bytes) -> None:
    assert apply_changes(UNIX, [change]) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (replace_lines(WINDOWS, 1, 1, "FROM b"), b"\xef\xbb\xbfFROM b\r\nRUN b\r\nCMD c"),
        (replace_lines(WINDOWS, 3, 3, "A\nB\n"), b"\xef\xbb\xbfFROM a\r\nRUN b\r\nA\r\nB"),
        (insert_lines(WINDOWS, 1, "#"), b"\xef\xbb\xbf#\r\nFROM a\r\nRUN b\r\nCMD c"),
        (insert_lines(WINDOWS, 4, "D\n"), b"\xef\xbb\xbfFROM a\r\nRUN b\r\nCMD c\r\nD"),
        (delete_lines(WINDOWS, 1, 1), b"\xef\xbb\xbfRUN b\r\nCMD c"),
    ],
)
def test_line_endings_and_byte_order_mark_are_preserved(
    change: TextChange, expected: bytes
) -> None:
    assert apply_changes(WINDOWS, [change]) == expected


def test_several_changes_in_any_order() -> None:
    changes = [insert_lines(UNIX, 3, "USER x"), TextChange(Span(0, 4), "from")]
    assert apply_changes(UNIX, changes) == b"from a\nRUN \xff\nUSER x\nCMD c\n"


def test_overlapping_changes_are_refused() -> None:
    with pytest.raises(ValueError, match="two changes touch byte 2"):
        apply_changes(UNIX, [TextChange(Span(0, 4), ""), TextChange(Span(2, 6), "")])


def test_changes_as_whole_lines() -> None:
    source = SourceText(b"FROM a\r\nRUN b c\r\nCMD d\r\n")
    changes = [
        TextChange(Span(12, 13), "B"),
        TextChange(Span(14, 15), "C"),
        insert_lines(source, 3, "USER e"),
    ]
    assert list(to_line_edits(source, changes)) == [
        Edit(2, 2, "RUN B C\n"),
        Edit(3, 3, "USER e\nCMD d\n"),
    ]


@given(sources, st.data())
def test_all_other_bytes_are_unchanged(source: SourceText, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source.data)))
    end = data.draw(st.integers(start, len(source.data)))
    text = data.draw(st.text())
    after = apply_changes(source, [TextChange(Span(start, end), text)])
    assert after.startswith(source.data[:start])
    assert after.endswith(source.data[end:])
    written = text.replace("\r\n", "\n").replace("\n", source.newline).encode()
    assert after[start : len(after) - len(source.data) + end] == written


@given(sources, st.data())
def test_inserting_and_deleting_a_line_restores_the_file(
    source: SourceText, data: st.DataObject
) -> None:
    before = data.draw(st.integers(1, len(source.lines)))
    longer = SourceText(apply_changes(source, [insert_lines(source, before, "RUN x")]))
    assert longer.line_text(before).text == "RUN x"
    assert apply_changes(longer, [delete_lines(longer, before, before)]) == source.data


@given(sources, st.data())
def test_an_emptied_line_keeps_its_line_ending(source: SourceText, data: st.DataObject) -> None:
    line = data.draw(st.integers(1, len(source.lines)))
    span = source.line_text(line).span
    after = apply_changes(source, [replace_lines(source, line, line, "")])
    assert after == source.data[: span.start] + source.data[span.end :]


@given(st.binary())
def test_lines_add_up_to_the_file(data: bytes) -> None:
    source = SourceText(data)
    assert b"".join(data[line.start : line.end] for line in source.lines) == data
    for number, line in enumerate(source.lines, 1):
        assert source.line_at(line.start) == source.line_at(line.end - 1) == number


@given(st.binary())
def test_character_offsets_map_to_byte_offsets(data: bytes) -> None:
    text = SourceText(data).text_at(Span(0, len(data)))
    pieces = [data[a:b] for a, b in zip(text.starts, text.ends, strict=False)]
    assert b"".join(pieces) == data
    assert "".join(piece.decode(errors="replace") for piece in pieces) == text.text


def instruction_bytes(source: SourceText, instruction: Instruction) -> tuple[str, bytes]:
    """Return the keyword of an instruction and its bytes."""
    lines = source.span_of_lines(instruction.line_start, instruction.line_end)
    return instruction.keyword, source.data[lines.start : lines.end].removeprefix(BOM).rstrip(
        b"\r\n"
    )


@settings(deadline=None)
@given(dockerfiles(), st.data())
def test_editing_an_instruction_leaves_the_others_unchanged(text: str, data: st.DataObject) -> None:
    source = SourceText(text.encode())
    before = parse_instructions(source, split_instruction)
    number = data.draw(st.integers(0, len(before) - 1))
    instruction = before[number]
    assume(instruction.line_end < len(source.lines) or not text.endswith(("\\", "`")))
    lines = (instruction.line_start, instruction.line_end)
    others = [instruction_bytes(source, parsed) for parsed in before]
    for change, replacement in (
        (replace_lines(source, *lines, "RUN true"), [("RUN", b"RUN true")]),
        (delete_lines(source, *lines), []),
        (insert_lines(source, lines[0], "RUN true"), [("RUN", b"RUN true"), others[number]]),
    ):
        after = SourceText(apply_changes(source, [change]))
        expected = [*others[:number], *replacement, *others[number + 1 :]]
        assert [
            instruction_bytes(after, parsed)
            for parsed in parse_instructions(after, split_instruction)
        ] == expected
