"""The parts of a page: phrases, tables, sections and rows, before any format is chosen.

The sections build these values once; Markdown, text and HTML only print them, so that the three
formats cannot say different things.
"""

from dataclasses import dataclass
from enum import IntEnum

from bot.model.report import Outcome


@dataclass(frozen=True, slots=True)
class Untrusted:
    """Text that this program did not write, such as a name, an instruction or a log line.

    Only `escape` prints it: as inline code, or as running text where `is_prose` is set.
    """

    text: str
    max_characters: int = 200
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Strong:
    """Text of this program that is printed in bold."""

    text: str


# A plain `str` in a phrase is printed without escaping: text from outside must be `Untrusted`.
Phrase = tuple[str | Strong | Untrusted, ...]


class KeepPriority(IntEnum):
    """The order in which parts are dropped where a page must fit: the lowest value goes first."""

    DUPLICATES = 1
    LAYERS_OF_PASSING = 2
    FILES = 3
    LAYERS = 4
    WASTED = 5
    OTHER_PATCHES = 6
    SMALLER_CAUSES = 7
    REWRITE = 8
    SIZES_OF_PASSING = 9
    LOG = 10
    CAUSES_OF_PASSING = 11
    PASSING_ROW = 12
    UNCHANGED_NAMES = 13
    SIZES = 14
    NOTES = 15
    CHECKS = 16
    CAUSES = 17
    SUGGESTIONS = 18
    ROW_NOTE = 19
    FAILING_ROW = 20
    KEEP = 99


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or an item of a list."""

    phrase: Phrase
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the columns in `number_columns` are aligned to the right.

    `bars` are the bytes that each row is about, for a format that can draw them.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    number_columns: frozenset[int] = frozenset()
    bars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Preformatted, untrusted lines: a build log, a Dockerfile, or the hunks of a diff."""

    lines: tuple[str, ...]
    is_diff: bool = False


Block = Line | Table | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of an image's details, kept or dropped as a whole."""

    title: str
    priority: KeepPriority
    blocks: tuple[Block, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """Everything about one image, collapsed below one title."""

    outcome: Outcome
    title: Phrase
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the summary table; `outcome` is shown as a mark before the first cell.

    `note` is shown below the text of the first cell, or below the table.
    """

    outcome: Outcome
    cells: tuple[Phrase, ...]
    note: Phrase = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A report in words.

    `headline`, `why` and `next_step` are the three lines that everybody reads; they and the changes
    of the gate, which come between, are never dropped. `step_title` is the word before the third.
    `overview` comes before the table of images, `findings`, which are about several of them, after
    it. `closing` is the verdict for the end of a text.
    """

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
    gate: tuple[Phrase, ...] = ()
    overview: tuple[Section, ...] = ()
    findings: tuple[Section, ...] = ()
    closing: Phrase = ()
    step_title: str = "What to do"


def join_phrases(phrases: list[Phrase], separator: str, last_separator: str = "") -> Phrase:
    """Join phrases with a separator, and with `last_separator` before the last of them."""
    joined: Phrase = ()
    for position, phrase in enumerate(phrases):
        gap = last_separator if last_separator and position == len(phrases) - 1 else separator
        joined += (gap, *phrase) if position else phrase
    return joined


def make_sentence(phrase: Phrase) -> Phrase:
    """Return a phrase with a capital letter and a full stop.

    Untrusted text keeps its first letter, and prose that ends a sentence gets no second full stop.
    """
    parts = [part for part in phrase if part]
    if not parts:
        return ()
    first, last = parts[0], parts[-1]
    start = (first[0].upper() + first[1:],) if isinstance(first, str) else (first,)
    is_closed = (
        isinstance(last, Untrusted)
        and last.is_prose
        and last.text.rstrip().endswith((".", "!", "?"))
    )
    return (*start, *parts[1:], "" if is_closed else ".")


def join_sentences(phrases: list[Phrase]) -> Phrase:
    """Join phrases as sentences; `make_sentence` ends the last one."""
    sentences = [make_sentence(phrase) for phrase in phrases if any(phrase)]
    return join_phrases([*sentences[:-1], *(last[:-1] for last in sentences[-1:])], " ")
