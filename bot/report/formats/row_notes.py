"""The notes of a table's rows as a list below it: a column of a phone has room for a word.

Images with the same note are one item, and what the headline says already is not said again.
"""

from collections.abc import Iterable, Iterator

from bot.model.report import Outcome
from bot.report.page.page import to_plain_text
from bot.report.page.page_model import Page, Phrase, Row, join_phrases

_MAX_NAMES = 10


def list_row_notes(page: Page) -> Iterator[tuple[Outcome, Phrase]]:
    """Yield the items of the list, each with the mark of its rows, in the order of the rows."""
    headline = to_plain_text(page.headline)
    groups: dict[tuple[Outcome, Phrase], list[Row]] = {}
    for row in page.rows:
        if row.note:
            groups.setdefault((row.outcome, row.note), []).append(row)
    for (outcome, note), rows in groups.items():
        # The headline is about the first image: its note may be in there word for word.
        if rows != [page.rows[0]] or to_plain_text(note) not in headline:
            yield outcome, (*_name_images(rows), ": ", *note)


def _name_images(rows: Iterable[Row]) -> Phrase:
    names: list[Phrase] = [(row.cells[0][0],) for row in rows]
    if len(names) > _MAX_NAMES:
        rest = len(names) - _MAX_NAMES + 1
        names[_MAX_NAMES - 1 :] = [(f"{rest} more images",)]
    return join_phrases(names, ", ", " and ")
