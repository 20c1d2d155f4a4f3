"""Edits of a file that leave every other byte as it was.

A `Change` speaks of bytes and can reach inside a line; an `Edit` speaks of whole lines, as a review
comment does. What is put in ends its lines as the file does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.dockerfile.source_text import Source, Span
from bot.model.suggestion import Edit


@dataclass(frozen=True, slots=True)
class Change:
    """What should stand in the place of a stretch of a file; an empty stretch is an insertion."""

    span: Span
    text: str


def replace_lines(source: Source, first: int, last: int, text: str) -> Change:
    """Another text in the place of lines, both ends included; the last keeps the ending it had."""
    start, end = source.content(first).span.start, source.content(last).span.end
    return Change(Span(start, end), text.removesuffix("\n"))


def delete_lines(source: Source, first: int, last: int) -> Change:
    """Takes lines out, both ends included."""
    return Change(Span(source.content(first).span.start, source.lines[last - 1].end), "")


def insert_lines(source: Source, before: int, text: str) -> Change:
    """Puts lines in before one, or after the last if `before` is one more than there are."""
    text = text.removesuffix("\n")
    if before <= len(source.lines):
        start = source.content(before).span.start
        return Change(Span(start, start), text + "\n")
    end = len(source.data)
    ended = source.data.endswith(b"\n") or not source.data
    return Change(Span(end, end), text + "\n" if ended else "\n" + text)


def apply(source: Source, changes: Iterable[Change]) -> bytes:
    """The file with all the changes made; ValueError if two of them touch the same bytes."""
    return _rewritten(source, Span(0, len(source.data)), sorted(changes, key=_place))


def as_edits(source: Source, changes: Iterable[Change]) -> Iterator[Edit]:
    """The same changes as whole lines; those that share a line are one edit."""
    groups: list[tuple[int, int, list[Change]]] = []
    for change in sorted(changes, key=_place):
        first, last = _lines(source, change.span)
        if groups and groups[-1][1] >= first:
            first, before, together = groups.pop()
            groups.append((first, max(before, last), [*together, change]))
        else:
            groups.append((first, last, [change]))
    for first, last, together in groups:
        lines = _rewritten(source, source.whole_lines(first, last), together)
        yield Edit(first, last, lines.decode(errors="replace").replace("\r\n", "\n"))


def _rewritten(source: Source, within: Span, changes: Sequence[Change]) -> bytes:
    """A stretch of the file with changes made that are in order and lie inside."""
    pieces: list[bytes] = []
    place = within.start
    for change in changes:
        if change.span.start < place:
            raise ValueError(f"two changes touch byte {change.span.start}")
        text = change.text.replace("\r\n", "\n").replace("\n", source.newline)
        pieces += [source.data[place : change.span.start], text.encode()]
        place = change.span.end
    return b"".join([*pieces, source.data[place : within.end]])


def _lines(source: Source, span: Span) -> tuple[int, int]:
    return source.line_of(span.start), source.line_of(max(span.start, span.end - 1))


def _place(change: Change) -> Span:
    return change.span
