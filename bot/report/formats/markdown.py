"""A page as GitHub Flavored Markdown that fits into a comment or a job summary."""

from collections.abc import Iterator, Sequence

from bot.model.report import Outcome, Report
from bot.model.sizes import format_count
from bot.report import escape
from bot.report.formats.fit import PagePart, select_parts
from bot.report.formats.row_notes import list_row_notes
from bot.report.page.changed_rules import GATE_TITLE
from bot.report.page.page import make_page
from bot.report.page.page_model import (
    Block,
    Details,
    KeepPriority,
    Line,
    Listing,
    Page,
    Phrase,
    Row,
    Section,
    Strong,
    Table,
    Untrusted,
)

COMMENT_MAX_CHARACTERS = 65_536  # GitHub refuses a longer comment
OUTCOME_MARKS = {
    Outcome.SKIP: "ℹ️",
    Outcome.PASS: "✅",
    Outcome.WARN: "⚠️",
    Outcome.FAIL: "❌",
    Outcome.ERROR: "❗",
}
_ROW_PRIORITY = {
    Outcome.SKIP: KeepPriority.PASSING_ROW,
    Outcome.PASS: KeepPriority.PASSING_ROW,
}


def render_markdown(
    report: Report, *, marker: str = "", limit: int = COMMENT_MAX_CHARACTERS
) -> str:
    """Render the page in at most `limit` bytes, after a hidden `marker` if there is one.

    The headline, the lines below it, the first row and the footer are never dropped; they take less
    than 50,000 bytes, since every untrusted text in them is cut.
    """
    parts = list(_make_parts(make_page(report, is_folded=True), marker))
    # Escaped first and cut afterwards, by whole parts: a cut in the middle could open a code span.
    positions = select_parts(parts, limit)
    full_report = "the job summary" if limit <= COMMENT_MAX_CHARACTERS else "the JSON report"
    return "".join(_join_parts(parts, positions, full_report)).rstrip("\n") + "\n"


def render_phrase(phrase: Phrase) -> str:
    """Render a phrase as Markdown, with its untrusted parts escaped."""
    return "".join(_render_phrase_part(part) for part in phrase)


def _render_phrase_part(part: str | Strong | Untrusted) -> str:
    match part:
        case Untrusted():
            return (escape.plain if part.is_prose else escape.code)(part.text, part.max_characters)
        case Strong():
            return f"**{part.text}**"
    return part


def _render_cell(phrase: Phrase) -> str:
    """Render a phrase for a cell of a table, which may be narrow."""
    return escape.keep_numbers_whole(render_phrase(phrase))


def _join_parts(
    parts: Sequence[PagePart], positions: frozenset[int], full_report: str
) -> Iterator[str]:
    """Join the kept parts; two notices say how many rows were dropped, and whether details were."""
    dropped = [part for position, part in enumerate(parts) if position not in positions]
    row_priorities = (KeepPriority.PASSING_ROW, KeepPriority.FAILING_ROW)
    rows = sum(part.priority in row_priorities for part in dropped)
    for position in sorted(positions):
        part = parts[position]
        if part is _AFTER_ROWS and rows:
            yield f"\n…and {format_count(rows, 'more image')}, see {full_report}.\n"
        if part is _AFTER_DETAILS and len(dropped) > rows:
            yield f"<sub>Some details were omitted to fit; {full_report} has them all.</sub>\n\n"
        yield part.text


# Where the notices go. They are found by identity, since other parts may have the same text.
_AFTER_ROWS = PagePart("\n")
_AFTER_DETAILS = PagePart("")


def _make_parts(page: Page, marker: str) -> Iterator[PagePart]:
    top = f"{marker}\n" if marker else ""
    yield PagePart(
        f"{top}### {OUTCOME_MARKS[page.outcome]} {render_phrase(page.headline)}\n\n"
        f"{_render_gate(page)}"
        f"**Why:** {render_phrase(page.why)}\n\n"
        f"**{page.step_title}:** {render_phrase(page.next_step)}\n\n"
    )
    yield from (PagePart(_render_section(x), x.priority) for x in page.overview)
    yield from _make_row_parts(page)
    yield from (PagePart(_render_section(x), x.priority) for x in page.findings)
    for group, details in enumerate(page.details):
        yield from (
            _make_details_parts(details, group) if page.collapsed else _make_open_parts(details)
        )
    yield from _make_unchanged_parts(page)
    yield _AFTER_DETAILS
    footer = "<br>\n".join(render_phrase(phrase) for phrase in page.footer)
    yield PagePart(f"<sub>{footer}</sub>\n")


def _render_gate(page: Page) -> str:
    if not page.gate:
        return ""
    lines = "".join(f"- {render_phrase(phrase)}\n" for phrase in page.gate)
    return f"**{GATE_TITLE}**\n{lines}\n"


def _make_row_parts(page: Page) -> Iterator[PagePart]:
    if not page.rows:
        return
    yield PagePart(_render_table_head(page.columns, page.number_columns))
    first, *others = page.rows
    # The first row is the worst image, which the headline is about: it stays.
    yield PagePart(_render_row(first))
    for row in others:
        priority = _ROW_PRIORITY.get(row.outcome, KeepPriority.FAILING_ROW)
        yield PagePart(_render_row(row), priority)
    yield _AFTER_ROWS
    yield from _make_note_parts(page)


def _make_note_parts(page: Page) -> Iterator[PagePart]:
    lines = [
        f"- {OUTCOME_MARKS[outcome]} {render_phrase(note)}\n"
        for outcome, note in list_row_notes(page)
    ]
    yield from (PagePart(line, KeepPriority.ROW_NOTE) for line in lines)
    yield PagePart("\n" if lines else "")


def _render_row(row: Row) -> str:
    first, *rest = map(_render_cell, row.cells)
    first = escape.break_names(first)
    return _render_cells([f"{OUTCOME_MARKS[row.outcome]} {first}", *rest])


def _make_open_parts(details: Details) -> Iterator[PagePart]:
    """Make the parts of a page about a single image, without `<details>`."""
    yield from (
        PagePart(_render_section(section), section.priority) for section in details.sections
    )


def _make_details_parts(details: Details, group: int) -> Iterator[PagePart]:
    title = f"{OUTCOME_MARKS[details.outcome]} <b>{render_phrase(details.title)}</b>"
    if not details.sections:
        return
    yield PagePart(f"<details><summary>{title}</summary>\n\n", group=group, is_frame=True)
    for section in details.sections:
        yield PagePart(_render_section(section), section.priority, group)
    yield PagePart("</details>\n\n", group=group, is_frame=True)


def _render_section(section: Section) -> str:
    blocks = "".join(_render_block(block) for block in section.blocks)
    # Markdown in `<details>` is rendered only below an empty line.
    if section.collapsed:
        return f"<details><summary>{section.title}</summary>\n\n{blocks}</details>\n\n"
    return f"#### {section.title}\n\n{blocks}"


def _render_block(block: Block) -> str:
    match block:
        case Line():
            return f"{'- ' if block.is_item else ''}{render_phrase(block.phrase)}\n\n"
        case Listing():
            fence = escape.diff_block if block.is_diff else escape.code_block
            return f"{fence(block.lines)}\n\n"
        case Table():
            rows = (_render_cells([_render_cell(cell) for cell in row]) for row in block.rows)
            return _render_table_head(block.headers, block.number_columns) + "".join(rows) + "\n"


def _make_unchanged_parts(page: Page) -> Iterator[PagePart]:
    if not page.unchanged:
        return
    title = f"{format_count(len(page.unchanged), 'image')} unchanged"
    names = ", ".join(render_phrase((name,)) for name in page.unchanged)
    yield PagePart(f"<details><summary>{title}</summary>\n\n")
    yield PagePart(f"{names}\n\n", KeepPriority.UNCHANGED_NAMES)
    yield PagePart("</details>\n\n")


def _render_table_head(columns: Sequence[str], number_columns: frozenset[int]) -> str:
    delimiters = ["--:" if column in number_columns else "---" for column in range(len(columns))]
    return _render_cells(columns) + _render_cells(delimiters)


def _render_cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
