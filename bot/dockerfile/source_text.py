"""The bytes of a file, and texts that know the offsets of their characters.

Offsets are in bytes, lines are counted from 1. A line ends at a line feed and nothing else, as in
BuildKit. Edits need exact bytes; joined lines and decoded text would lose them.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

BOM = b"\xef\xbb\xbf"
# As many as buildx takes of a Dockerfile behind a URL; people write some kilobytes.
MAX_DOCKERFILE_BYTES = 2_000_000
# Go's unicode.IsSpace; Python's str.isspace() has a few control characters more.
ASCII_BLANK = " \t\n\v\f\r"
BLANK = (
    ASCII_BLANK
    + "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_UNDECODABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of bytes of a file; `end` is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MappedText:
    """A text from a file, with the start and end offset of each character.

    What was removed in between (the escape at the end of a line, comments) is missing from the
    text. `starts` has one offset more than there are characters: the end of the text. Bytes
    that are no UTF-8 read as U+FFFD, one each.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, part: slice) -> "MappedText":
        start, stop, _ = part.indices(len(self.text))
        stop = max(start, stop)
        end_offset = self.starts[stop] if stop == start else self.ends[stop - 1]
        return MappedText(
            self.text[start:stop], (*self.starts[start:stop], end_offset), self.ends[start:stop]
        )

    def __add__(self, other: "MappedText") -> "MappedText":
        return join((self, other))

    @property
    def span(self) -> Span:
        """Return all from the first to the last character, removed parts included."""
        return Span(self.starts[0], self.starts[-1])

    def strip(self, characters: str = BLANK) -> "MappedText":
        """Remove such characters at both ends."""
        return self.lstrip(characters)[: len(self.text.strip(characters))]

    def lstrip(self, characters: str = BLANK) -> "MappedText":
        """Remove such characters at the start."""
        return self[len(self.text) - len(self.text.lstrip(characters)) :]

    def remove_matches(self, pattern: re.Pattern[str]) -> "MappedText":
        """Remove everything that the pattern matches."""
        removed = chain.from_iterable(match.span() for match in pattern.finditer(self.text))
        bounds = [0, *removed, len(self.text)]
        return join([self[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)])


def join(parts: Sequence[MappedText]) -> MappedText:
    """Join texts of one file, at least one; empty ones leave no trace, unless it is the first."""
    parts = [parts[0], *(part for part in parts[1:] if part.text)]
    starts = chain.from_iterable(part.starts[:-1] for part in parts)
    return MappedText(
        "".join(part.text for part in parts),
        (*starts, parts[-1].starts[-1]),
        tuple(chain.from_iterable(part.ends for part in parts)),
    )


@dataclass(frozen=True)
class SourceText:
    """A file, byte for byte."""

    data: bytes

    @cached_property
    def lines(self) -> tuple[Span, ...]:
        """Return each line with its ending; the last may have none."""
        # split() drops the line feeds, which belong to their lines; there is none behind the last.
        ends = list(accumulate(len(line) for line in self.data.split(b"\n")))
        ends = [end + number for number, end in enumerate(ends, 1)]
        ends[-1] -= 1
        spans = map(Span, [0, *ends], ends)
        return tuple(span for span in spans if span.end > span.start)

    @cached_property
    def newline(self) -> str:
        """Return the line ending of the first line."""
        return "\r\n" if self.lines and self._line_bytes(1).endswith(b"\r\n") else "\n"

    def line_start(self, number: int) -> int:
        """Return the offset of a line; the end of the file for a line past the last."""
        return self.lines[number - 1].start if number <= len(self.lines) else len(self.data)

    def line_at(self, offset: int) -> int:
        """Return the number of the line that a byte is in."""
        return max(1, bisect_right(self.lines, offset, key=lambda line: line.start))

    def span_of_lines(self, first: int, last: int) -> Span:
        """Return the span of lines, both ends included, with their endings."""
        return Span(self.lines[first - 1].start, self.lines[last - 1].end)

    def line_text(self, number: int) -> MappedText:
        """Return a line without its ending and without the byte order mark."""
        line = self._line_bytes(number)
        skipped = len(BOM) if number == 1 and line.startswith(BOM) else 0
        start = self.lines[number - 1].start
        return self.text_at(Span(start + skipped, start + len(line.rstrip(b"\r\n"))))

    def text_at(self, span: Span) -> MappedText:
        """Return a span of the file as text."""
        data = self.data[span.start : max(span.start, span.end)]
        if data.isascii():
            offsets = tuple(range(span.start, span.start + len(data) + 1))
            return MappedText(data.decode("ascii"), offsets, offsets[1:])
        decoded = data.decode("utf-8", "surrogateescape")
        widths = (len(character.encode("utf-8", "surrogateescape")) for character in decoded)
        offsets = tuple(accumulate(widths, initial=span.start))
        return MappedText(_UNDECODABLE.sub("\ufffd", decoded), offsets, offsets[1:])

    def _line_bytes(self, number: int) -> bytes:
        span = self.lines[number - 1]
        return self.data[span.start : span.end]
