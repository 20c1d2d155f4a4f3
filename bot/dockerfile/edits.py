"""Edits of a file that leave every other byte as it was.

A `TextChange` covers bytes and can reach inside a line; an `Edit` covers whole lines, as a review
comment does. Inserted text gets the file's own line endings.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.dockerfile.source_text import SourceText, Span
from bot.model.suggestion import Edit


@dataclass(frozen=True, slots=True)
class TextChange:
    """A replacement for a span of a file; an empty span is an insertion."""

    span: Span
    text: str


def insert_lines(source: SourceText, before_line: int, text: str) -> TextChange:
    """Insert lines before a line; one past the last line appends to the file."""
    text = text.removesuffix("\n")
    if before_line <= len(source.lines):
        start = source.line_text(before_line).span.start
        return TextChange(Span(start, start), text + "\n")
    end = len(source.data)
    ended = source.data.endswith(b"\n") or not source.data
    return TextChange(Span(end, end), text + "\n" if ended else "\n" + text)


def apply_changes(source: SourceText, changes: Iterable[TextChange]) -> bytes:
    """Return the file with all the changes applied.

    Raises ValueError if two of them touch the same bytes.
    """
    return _apply_within(source, Span(0, len(source.data)), sorted(changes, key=_change_span))


class SpanSet:
    """The spans of changes of which no two touch the same bytes."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def add_all(self, changes: Iterable[TextChange]) -> bool:
        """Add the spans of changes; return False, and add none, if one touches another."""
        spans = sorted(change.span for change in changes)
        has_overlap = any(first.end > second.start for first, second in pairwise(spans))
        if has_overlap or any(map(self._touches, spans)):
            return False
        for span in spans:
            insort(self._spans, span)
        return True

    def _touches(self, span: Span) -> bool:
        index = bisect_right(self._spans, span)
        is_before_end = index > 0 and self._spans[index - 1].end > span.start
        return is_before_end or any(x.start < span.end for x in self._spans[index : index + 1])


def to_line_edits(source: SourceText, changes: Iterable[TextChange]) -> Iterator[Edit]:
    """Convert changes to edits of whole lines; those that share a line become one edit."""
    groups: list[tuple[int, int, list[TextChange]]] = []
    for change in sorted(changes, key=_change_span):
        first_line, last_line = _line_range(source, change.span)
        if groups and groups[-1][1] >= first_line:
            first_line, previous_last, line_changes = groups.pop()
            groups.append((first_line, max(previous_last, last_line), [*line_changes, change]))
        else:
            groups.append((first_line, last_line, [change]))
    for first_line, last_line, line_changes in groups:
        lines = _apply_within(source, source.span_of_lines(first_line, last_line), line_changes)
        yield Edit(first_line, last_line, lines.decode(errors="replace").replace("\r\n", "\n"))


def _apply_within(source: SourceText, span: Span, changes: Sequence[TextChange]) -> bytes:
    """Apply ordered changes to a span of the file that holds them all."""
    pieces: list[bytes] = []
    offset = span.start
    for change in changes:
        if change.span.start < offset:
            raise ValueError(f"two changes touch byte {change.span.start}")
        text = change.text.replace("\r\n", "\n").replace("\n", source.newline)
        pieces += [source.data[offset : change.span.start], text.encode()]
        offset = change.span.end
    return b"".join([*pieces, source.data[offset : span.end]])


def _line_range(source: SourceText, span: Span) -> tuple[int, int]:
    # An insertion has an empty span, and is on the line where it starts.
    return source.line_at(span.start), source.line_at(max(span.start, span.end - 1))


def _change_span(change: TextChange) -> Span:
    return change.span
