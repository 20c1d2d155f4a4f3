"""The lines of a diff that a comment can refer to: those that its hunks show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.github.records import CommentPosition

_HEAD = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_NOT_IN_DIFF = "line must be part of the diff"
_OTHER_HUNK = "start line must be part of the same hunk as the line."
_NOT_BEFORE = "start line must precede the end line."


@dataclass(frozen=True)
class DiffLine:
    """A line of a diff: its hunk, and its number on each side that has it."""

    hunk: int
    old_line: int | None
    new_line: int | None
    text: str

    def number(self, side: str) -> int | None:
        """Return the line number in the old file (LEFT) or in the new one (RIGHT)."""
        return self.old_line if side == "LEFT" else self.new_line


def list_diff_lines(patch: str) -> Iterator[DiffLine]:
    """Yield the lines of each hunk, in order."""
    hunk, old_line, new_line = -1, 0, 0
    for text in patch.splitlines():
        head = _HEAD.match(text)
        if head:
            hunk, old_line, new_line = hunk + 1, int(head[1]), int(head[2])
        elif not text.startswith("\\"):
            old, new = not text.startswith("+"), not text.startswith("-")
            yield DiffLine(hunk, old_line if old else None, new_line if new else None, text)
            old_line, new_line = old_line + old, new_line + new


def find_position_errors(patch: str, position: CommentPosition) -> list[str]:
    """Return GitHub's reasons why a comment cannot refer to a position."""
    if position.line is None:
        return []
    line = _find(patch, position.line, position.side)
    wrong = [] if line else [_NOT_IN_DIFF]
    if position.start_line is not None:
        start = _find(patch, position.start_line, position.start_side or position.side)
        if line is None or start is None or start.hunk != line.hunk:
            wrong.append(_OTHER_HUNK)
        elif position.start_line >= position.line:
            wrong.append(_NOT_BEFORE)
    return wrong


def cut_hunk(patch: str, position: CommentPosition) -> str:
    """Return the hunk above a comment, from its header to the commented line."""
    end = _find(patch, position.line, position.side) if position.line else None
    lines: list[str] = []
    for shown in list_diff_lines(patch):
        if end and shown.hunk == end.hunk:
            lines.append(shown.text)
        if shown == end:
            break
    return "\n".join([*_heads(patch, end), *lines])


def _heads(patch: str, end: DiffLine | None) -> list[str]:
    heads = [each for each in patch.splitlines() if _HEAD.match(each)]
    return [heads[end.hunk]] if end else []


def _find(patch: str, number: int, side: str) -> DiffLine | None:
    lines = (each for each in list_diff_lines(patch) if each.number(side) == number)
    return next(lines, None)
