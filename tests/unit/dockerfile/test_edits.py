"""Edits: what was asked for, and every other byte as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dockerfile.edits import (
    TextChange,
    apply_changes,
    delete_lines,
    insert_lines,
    replace_lines,
    to_line_edits,
)
from bot.dockerfile.source_text import SourceText, Span
from bot.model.suggestion import Edit

WINDOWS = SourceText(b"\xef\xbb\xbfFROM a\r\nRUN b\r\nCMD c")
UNIX = SourceText(b"FROM a\nRUN \xff\nCMD c\n")

lines = st.binary(max_size=9).map(lambda line: line.replace(b"\n", b""))
sources = st.builds(
    lambda found, end: SourceText(b"\n".join(found) + end),
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
def test_a_change(change: TextChange, expected: bytes) -> None:
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
def test_the_files_own_line_ends_and_mark_are_kept(change: TextChange, expected: bytes) -> None:
    assert apply_changes(WINDOWS, [change]) == expected


def test_several_changes_in_any_order() -> None:
    changes = [insert_lines(UNIX, 3, "USER x"), TextChange(Span(0, 4), "from")]
    assert apply_changes(UNIX, changes) == b"from a\nRUN \xff\nUSER x\nCMD c\n"


def test_changes_that_touch_are_refused() -> None:
    with pytest.raises(ValueError, match="two changes touch byte 2"):
        apply_changes(UNIX, [TextChange(Span(0, 4), ""), TextChange(Span(2, 6), "")])


def test_as_whole_lines() -> None:
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
def test_every_other_byte_stays(source: SourceText, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source.data)))
    end = data.draw(st.integers(start, len(source.data)))
    text = data.draw(st.text())
    after = apply_changes(source, [TextChange(Span(start, end), text)])
    assert after.startswith(source.data[:start])
    assert after.endswith(source.data[end:])
    written = text.replace("\r\n", "\n").replace("\n", source.newline).encode()
    assert after[start : len(after) - len(source.data) + end] == written


@given(sources, st.data())
def test_a_line_put_in_and_taken_out_again_leaves_nothing(
    source: SourceText, data: st.DataObject
) -> None:
    before = data.draw(st.integers(1, len(source.lines)))
    longer = SourceText(apply_changes(source, [insert_lines(source, before, "RUN x")]))
    assert longer.line_text(before).text == "RUN x"
    assert apply_changes(longer, [delete_lines(longer, before, before)]) == source.data


@given(sources, st.data())
def test_an_emptied_line_keeps_its_ending(source: SourceText, data: st.DataObject) -> None:
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
def test_each_character_knows_its_bytes(data: bytes) -> None:
    passage = SourceText(data).text_at(Span(0, len(data)))
    pieces = [data[a:b] for a, b in zip(passage.starts, passage.ends, strict=False)]
    assert b"".join(pieces) == data
    assert "".join(piece.decode(errors="replace") for piece in pieces) == passage.text
