"""The nouns of a page. A page says everything once; Markdown, text and HTML only print it."""

from dataclasses import dataclass
from enum import IntEnum

from bot.model.report import Outcome


@dataclass(frozen=True, slots=True)
class Untrusted:
    """Text that we did not write. Only `escape` prints it, as code unless it is prose."""

    text: str
    max_characters: int = 200
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Strong:
    """Words of ours that should catch the eye."""

    text: str


# A `str` in a phrase is always ours: never put there what came from outside.
Phrase = tuple[str | Strong | Untrusted, ...]


class KeepPriority(IntEnum):
    """What may be left out where a page must fit, the least worthy first."""

    DUPLICATES = 1
    LAYERS_OF_PASSING = 2
    FILES = 3
    LAYERS = 4
    WASTED = 5
    SMALLER_CAUSES = 6
    REWRITE = 7
    SIZES_OF_PASSING = 8
    LOG = 9
    CAUSES_OF_PASSING = 10
    PASSING_ROW = 11
    UNCHANGED_NAMES = 12
    SIZES = 13
    NOTES = 14
    CHECKS = 15
    CAUSES = 16
    SUGGESTIONS = 17
    FAILING_ROW = 18
    KEEP = 99


@dataclass(frozen=True, slots=True)
class Line:
    """A line of its own, with a bold label or none."""

    phrase: Phrase
    label: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the columns in `right` are numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    number_columns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """Foreign lines that keep their shape: a build log, a Dockerfile."""

    lines: tuple[str, ...]


Block = Line | Table | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """Part of what is said of one image; kept or left out as a whole, shown or `folded`."""

    title: str
    priority: KeepPriority
    blocks: tuple[Block, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """All that is said of one image, folded under one line."""

    outcome: Outcome
    title: Phrase
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the page's table; `outcome` is shown as a mark before the first cell."""

    outcome: Outcome
    cells: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A report in words. The first three lines, `headline`, `why` and `todo`, are the product."""

    outcome: Outcome
    headline: Phrase
    why: Phrase
    next_step: Phrase
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    details: tuple[Details, ...]
    unchanged: tuple[Untrusted, ...]
    footer: tuple[Phrase, ...]
    number_columns: frozenset[int] = frozenset()
    collapsed: bool = True


def join_phrases(phrases: list[Phrase], separator: str, last_separator: str = "") -> Phrase:
    """Phrases one after the other, `last` standing before the last of them."""
    joined: Phrase = ()
    for position, phrase in enumerate(phrases):
        gap = last_separator if last_separator and position == len(phrases) - 1 else separator
        joined += (gap, *phrase) if position else phrase
    return joined


def make_sentence(phrase: Phrase) -> Phrase:
    """A phrase with a capital letter and a full stop, where those are ours to set."""
    words = [part for part in phrase if part]
    if not words:
        return ()
    first, last = words[0], words[-1]
    start = (first[0].upper() + first[1:],) if isinstance(first, str) else (first,)
    closed = (
        isinstance(last, Untrusted)
        and last.is_prose
        and last.text.rstrip().endswith((".", "!", "?"))
    )
    return (*start, *words[1:], "" if closed else ".")


def format_count(number: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
