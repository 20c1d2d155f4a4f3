"""A cell of a table with paths, which break after a slash or a space rather than in a name."""

import re
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

_PIECE = re.compile(r"[^/ ]*[/ ]|[^/ ]+")


class PathCell:
    """A text that rich can put into a table."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widest_piece = max((len(piece) for piece in _PIECE.findall(self._text)), default=0)
        return Measurement(widest_piece, len(self._text)).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in break_path(self._text, options.max_width):
            yield Text(line, overflow="fold")


def break_path(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text; one piece alone may be longer than `width`."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and len(line) + len(piece.rstrip(" ")) > width:
            yield line.rstrip(" ")
            line = ""
        line += piece
    yield line.rstrip(" ")
