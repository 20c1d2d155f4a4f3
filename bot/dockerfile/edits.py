"""Edits of a file that leave every other byte as it was.

A `Change` speaks of bytes and can reach inside a line; an `Edit` speaks of whole lines, as a review
comment does. What is put in ends its lines as the file does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.source_text import SourceText, Span
from bot.model.suggestion import Edit


@dataclass(frozen=True, slots=True)
class TextChange:
    """What should stand in the place of a stretch of a file; an empty stretch is an insertion."""

    span: Span
    text: str


def replace_lines(source: SourceText, first: int, last: int, text: str) -> TextChange:
    """Another text in the place of lines, both ends included; the last keeps the ending it had."""
    start, end = source.line_text(first).span.start, source.line_text(last).span.end
    return TextChange(Span(start, end), text.removesuffix("\n"))


def delete_lines(source: SourceText, first: int, last: int) -> TextChange:
    """Takes lines out, both ends included."""
    return TextChange(Span(source.line_text(first).span.start, source.lines[last - 1].end), "")


def insert_lines(source: SourceText, before_line: int, text: str) -> TextChange:
    """Puts lines in before one, or after the last if `before` is one more than there are."""
    text = text.removesuffix("\n")
    if before_line <= len(source.lines):
        start = source.line_text(before_line).span.start
        return TextChange(Span(start, start), text + "\n")
    end = len(source.data)
    ended = source.data.endswith(b"\n") or not source.data
    return TextChange(Span(end, end), text + "\n" if ended else "\n" + text)


def apply_changes(source: SourceText, changes: Iterable[TextChange]) -> bytes:
    """The file with all the changes made; ValueError if two of them touch the same bytes."""
    return _apply_within(source, Span(0, len(source.data)), sorted(changes, key=_change_span))


def to_line_edits(source: SourceText, changes: Iterable[TextChange]) -> Iterator[Edit]:
    """The same changes as whole lines; those that share a line are one edit."""
    groups: list[tuple[int, int, list[TextChange]]] = []
    for change in sorted(changes, key=_change_span):
        first, last = _line_range(source, change.span)
        if groups and groups[-1][1] >= first:
            first, before, together = groups.pop()
            groups.append((first, max(before, last), [*together, change]))
        else:
            groups.append((first, last, [change]))
    for first, last, together in groups:
        lines = _apply_within(source, source.span_of_lines(first, last), together)
        yield Edit(first, last, lines.decode(errors="replace").replace("\r\n", "\n"))


def _apply_within(source: SourceText, span: Span, changes: Sequence[TextChange]) -> bytes:
    """A stretch of the file with changes made that are in order and lie inside."""
    pieces: list[bytes] = []
    place = span.start
    for change in changes:
        if change.span.start < place:
            raise ValueError(f"two changes touch byte {change.span.start}")
        text = change.text.replace("\r\n", "\n").replace("\n", source.newline)
        pieces += [source.data[place : change.span.start], text.encode()]
        place = change.span.end
    return b"".join([*pieces, source.data[place : span.end]])


def _line_range(source: SourceText, span: Span) -> tuple[int, int]:
    return source.line_at(span.start), source.line_at(max(span.start, span.end - 1))


def _change_span(change: TextChange) -> Span:
    return change.span
