"""A page as GitHub's Markdown, made to fit a comment or a step summary."""

from collections.abc import Iterator, Sequence

from bot.model.report import Outcome, Report
from bot.report import escape
from bot.report.formats.fit import Piece, fit
from bot.report.page.page import make_page
from bot.report.page.page_model import (
    Block,
    Fold,
    Foreign,
    Line,
    Listing,
    Page,
    Phrase,
    Row,
    Section,
    Strong,
    Table,
    Worth,
    count,
)

COMMENT_LIMIT = 65_536
MARKS = {
    Outcome.SKIP: "✅",
    Outcome.PASS: "✅",
    Outcome.WARN: "⚠️",
    Outcome.FAIL: "❌",
    Outcome.ERROR: "❗",
}
_ROW_WORTH = {
    Outcome.SKIP: Worth.PASSING_ROW,
    Outcome.PASS: Worth.PASSING_ROW,
}


def render_markdown(report: Report, *, marker: str = "", limit: int = COMMENT_LIMIT) -> str:
    """The page in at most `limit` characters, behind a hidden `marker` if there is one.

    The headline, the two lines under it, the first row and the foot are never dropped; they take
    less than 20,000 characters whatever they hold.
    """
    pieces = list(_pieces(make_page(report), marker))
    kept = fit(pieces, limit)
    elsewhere = "the job summary" if limit <= COMMENT_LIMIT else "the JSON report"
    return "".join(_assemble(pieces, kept, elsewhere)).rstrip("\n") + "\n"


def inline(phrase: Phrase) -> str:
    """A phrase as Markdown; everything foreign in it is inert."""
    return "".join(_part(part) for part in phrase)


def _part(part: str | Strong | Foreign) -> str:
    match part:
        case Foreign():
            return (escape.plain if part.prose else escape.code)(part.text, part.limit)
        case Strong():
            return f"**{part.text}**"
    return part


def _assemble(pieces: Sequence[Piece], kept: frozenset[int], elsewhere: str) -> Iterator[str]:
    dropped = [piece for at, piece in enumerate(pieces) if at not in kept]
    rows = sum(piece.worth in (Worth.PASSING_ROW, Worth.FAILING_ROW) for piece in dropped)
    for at in sorted(kept):
        if pieces[at] is _AFTER_ROWS and rows:
            yield f"\n…and {count(rows, 'more image')}, see {elsewhere}.\n"
        if pieces[at] is _AFTER_FOLDS and len(dropped) > rows:
            yield f"<sub>Some details were left out to fit; {elsewhere} has them all.</sub>\n\n"
        yield pieces[at].text


_AFTER_ROWS = Piece("\n")
_AFTER_FOLDS = Piece("")


def _pieces(page: Page, marker: str) -> Iterator[Piece]:
    top = f"{marker}\n" if marker else ""
    yield Piece(
        f"{top}### {MARKS[page.outcome]} {inline(page.headline)}\n\n"
        f"**Why:** {inline(page.why)}\n\n"
        f"**What to do:** {inline(page.todo)}\n\n"
    )
    yield from _rows(page)
    for number, fold in enumerate(page.folds):
        yield from _fold(fold, number) if page.folded else _open(fold)
    yield from _unchanged(page)
    yield _AFTER_FOLDS
    foot = "<br>\n".join(inline(phrase) for phrase in page.foot)
    yield Piece(f"<sub>{foot}</sub>\n")


def _rows(page: Page) -> Iterator[Piece]:
    if not page.rows:
        return
    yield Piece(_table_head(page.columns, page.right))
    for position, row in enumerate(page.rows):
        worth = _ROW_WORTH.get(row.outcome, Worth.FAILING_ROW) if position else Worth.KEEP
        yield Piece(_row(row), worth)
    yield _AFTER_ROWS


def _row(row: Row) -> str:
    first, *rest = (inline(cell) for cell in row.cells)
    return _cells([f"{MARKS[row.outcome]} {first}", *rest])


def _open(fold: Fold) -> Iterator[Piece]:
    """What there is to say of the one image that the page is about needs no unfolding."""
    yield from (Piece(_section(section), section.worth) for section in fold.sections)


def _fold(fold: Fold, number: int) -> Iterator[Piece]:
    title = f"{MARKS[fold.outcome]} <b>{inline(fold.title)}</b>"
    if not fold.sections:
        return
    yield Piece(f"<details><summary>{title}</summary>\n\n", group=number, frame=True)
    for section in fold.sections:
        yield Piece(_section(section), section.worth, number)
    yield Piece("</details>\n\n", group=number, frame=True)


def _section(section: Section) -> str:
    blocks = "".join(_block(block) for block in section.blocks)
    if section.folded:
        return f"<details><summary>{section.title}</summary>\n\n{blocks}</details>\n\n"
    return f"#### {section.title}\n\n{blocks}"


def _block(block: Block) -> str:
    match block:
        case Line():
            return f"{inline(block.phrase)}\n\n"
        case Listing():
            return f"{escape.block(block.lines)}\n\n"
        case Table():
            rows = (_cells([inline(cell) for cell in row]) for row in block.rows)
            return _table_head(block.head, block.right) + "".join(rows) + "\n"


def _unchanged(page: Page) -> Iterator[Piece]:
    if not page.unchanged:
        return
    title = f"{count(len(page.unchanged), 'image')} unchanged"
    names = ", ".join(inline((name,)) for name in page.unchanged)
    yield Piece(f"<details><summary>{title}</summary>\n\n")
    yield Piece(f"{names}\n\n", Worth.UNCHANGED_NAMES)
    yield Piece("</details>\n\n")


def _table_head(columns: Sequence[str], right: frozenset[int]) -> str:
    rule = ["--:" if position in right else "---" for position in range(len(columns))]
    return _cells(columns) + _cells(rule)


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
