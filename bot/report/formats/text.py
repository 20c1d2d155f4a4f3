"""A page as text for a terminal, laid out by rich."""

from collections.abc import Iterable, Iterator
from io import StringIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from bot.model.report import Outcome, Report
from bot.model.sizes import format_count
from bot.report import escape
from bot.report.page.changed_rules import GATE_TITLE
from bot.report.page.page import make_page
from bot.report.page.page_model import (
    Block,
    Details,
    Line,
    Listing,
    Page,
    Phrase,
    Section,
    Strong,
    Table,
    Untrusted,
)

_OUTCOME_MARKS = {
    Outcome.SKIP: ("•", "default"),
    Outcome.PASS: ("✓", "green"),
    Outcome.WARN: ("!", "yellow"),
    Outcome.FAIL: ("✗", "red"),
    Outcome.ERROR: ("‼", "red"),
}

DEFAULT_WIDTH = 100
_INDENT = "  "
_HINT = ". Details: --details or --format html"


def render_text(
    report: Report, *, width: int = DEFAULT_WIDTH, colour: bool = False, is_short: bool = False
) -> str:
    """Render the page in lines of `width` columns; code and long words are not wrapped.

    A short text has what changed and the best suggestions, and says how to get the rest.
    """
    page = make_page(report, is_short=is_short, is_folded=True)
    return print_parts(_render_page(page, is_short=is_short), width=width, colour=colour)


def render_closing_line(report: Report) -> str:
    """Render the verdict alone, for a terminal where the report goes to a file."""
    page = make_page(report, is_short=True)
    return print_parts([_make_closing_line(page)], width=DEFAULT_WIDTH).rstrip()


def print_parts(parts: Iterable[RenderableType], *, width: int, colour: bool = False) -> str:
    """Return the text of parts, one below the other."""
    output = StringIO()
    # Everything that rich would guess from the terminal is stated: a report is the same in a job.
    console = Console(
        file=output,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},  # rich would read COLUMNS, TERM and FORCE_COLOR
    )
    for part in parts:
        # Code that is wrapped cannot be pasted.
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def _render_page(page: Page, *, is_short: bool) -> Iterator[RenderableType]:
    yield _join_mark(page, page.headline)
    if page.gate:
        yield Text(GATE_TITLE, "bold")
        yield from (indent(make_text(phrase)) for phrase in page.gate)
    yield Text.assemble(("Why: ", "bold"), make_text(page.why))
    yield Text.assemble((f"{page.step_title}: ", "bold"), make_text(page.next_step))
    yield ""
    yield from _render_sections(page.overview)
    yield from _render_rows(page)
    yield from _render_sections(page.findings)
    for details in page.details:
        yield from _render_details(details, with_title=page.collapsed)
    if page.unchanged and not is_short:
        names = Text(", ").join(make_text((name,)) for name in page.unchanged)
        yield Text.assemble(
            f"{format_count(len(page.unchanged), 'image')} unchanged: ", names, "\n"
        )
    yield from (
        make_text(phrase, "dim", no_wrap=_has_trailing_code(phrase)) for phrase in page.footer
    )
    yield from [""] if page.footer else []
    # Once more at the end, where a terminal stands after a long report.
    closing = _make_closing_line(page)
    if is_short and closing.cell_len + len(_HINT) <= DEFAULT_WIDTH:
        closing.append(_HINT)
    elif is_short:
        yield Text(_HINT.removeprefix(". "), "dim")
    yield closing


def _make_closing_line(page: Page) -> Text:
    """Return one line, which the terminal wraps: `tail -1` has all of it."""
    line = _join_mark(page, page.closing)
    line.no_wrap = True
    return line


def _join_mark(page: Page, phrase: Phrase) -> Text:
    mark, colour = _OUTCOME_MARKS[page.outcome]
    return Text.assemble((f"{mark} ", f"bold {colour}"), make_text(phrase, "bold"))


def _has_trailing_code(phrase: Phrase) -> bool:
    """Return True if a line ends in code to copy, such as the command to reproduce."""
    return bool(phrase) and isinstance(phrase[-1], Untrusted) and not phrase[-1].is_prose


def _render_rows(page: Page) -> Iterator[RenderableType]:
    if not page.rows:
        return
    # The first column holds the marks.
    grid = make_grid(("", *page.columns), frozenset(column + 1 for column in page.number_columns))
    for row in page.rows:
        mark, colour = _OUTCOME_MARKS[row.outcome]
        first, *others = (make_text(cell) for cell in row.cells)
        if row.note:
            first = Text.assemble(first, "\n", make_text(row.note, "dim"))
        grid.add_row(Text(mark, colour), first, *others)
    yield grid
    yield ""


def _render_details(details: Details, *, with_title: bool) -> Iterator[RenderableType]:
    mark, colour = _OUTCOME_MARKS[details.outcome]
    if with_title and details.sections:
        yield Text.assemble((f"{mark} ", colour), make_text(details.title, "bold"))
    yield from _render_sections(details.sections)


def _render_sections(sections: Iterable[Section]) -> Iterator[RenderableType]:
    for section in sections:
        yield indent(Text(section.title, "underline"))
        yield from (_render_block(block) for block in section.blocks)
        yield ""


def _render_block(block: Block) -> RenderableType:
    match block:
        case Line():
            return indent(make_text(block.phrase))
        case Listing():
            lines = (f"{_INDENT}{escape.terminal_line(line)}" for line in block.lines)
            return Text("\n".join(lines), no_wrap=True)
        case Table():
            grid = make_grid(block.headers, block.number_columns)
            for row in block.rows:
                grid.add_row(*(make_text(cell) for cell in row))
            return indent(grid)


def indent(part: RenderableType) -> Padding:
    """Return a part that is set in, as everything below a title."""
    return Padding(part, (0, 0, 0, len(_INDENT)))


def make_grid(columns: tuple[str, ...], number_columns: frozenset[int]) -> Grid:
    """Return an empty table, in which long words are folded and numbers are not."""
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for position, column in enumerate(columns):
        is_number = position in number_columns
        # "fold" keeps the end of a long path, which rich would cut by default.
        grid.add_column(
            column, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold"
        )
    return grid


def make_text(phrase: Phrase, style: str = "", *, no_wrap: bool = False) -> Text:
    """Convert a phrase to rich's `Text`, which does not interpret brackets as markup."""
    text = Text(style=style, no_wrap=no_wrap)
    for part in phrase:
        match part:
            case Untrusted():
                text.append(
                    escape.terminal(part.text, part.max_characters), "" if part.is_prose else "cyan"
                )
            case Strong():
                text.append(part.text, "bold")
            case _:
                text.append(part)
    return text
