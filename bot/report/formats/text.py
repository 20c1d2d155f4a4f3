"""A page for a terminal."""

from collections.abc import Iterator
from io import StringIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from bot.model.report import Outcome, Report
from bot.report import escape
from bot.report.page.page import make_page
from bot.report.page.page_model import (
    Block,
    Fold,
    Foreign,
    Line,
    Listing,
    Page,
    Phrase,
    Strong,
    Table,
    count,
)

_MARKS = {
    Outcome.SKIP: ("✓", "green"),
    Outcome.PASS: ("✓", "green"),
    Outcome.WARN: ("!", "yellow"),
    Outcome.FAIL: ("✗", "red"),
    Outcome.ERROR: ("‼", "red"),
}

_INDENT = "  "


def render_text(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """The page in lines of at most `width` columns, as far as its words allow; code keeps its lines."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    for part in _page(make_page(report)):
        # Code that is wrapped cannot be pasted.
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _page(page: Page) -> Iterator[RenderableType]:
    mark, colour = _MARKS[page.outcome]
    yield Text.assemble((f"{mark} ", f"bold {colour}"), _text(page.headline, "bold"))
    yield Text.assemble(("Why: ", "bold"), _text(page.why))
    yield Text.assemble(("What to do: ", "bold"), _text(page.todo))
    yield ""
    yield from _rows(page)
    for fold in page.folds:
        yield from _fold(fold, titled=page.folded)
    if page.unchanged:
        names = Text(", ").join(_text((name,)) for name in page.unchanged)
        yield Text.assemble(f"{count(len(page.unchanged), 'image')} unchanged: ", names, "\n")
    yield from (_text(phrase, "dim", whole=_ends_in_code(phrase)) for phrase in page.foot)


def _ends_in_code(phrase: Phrase) -> bool:
    """Whether a line is there to be copied: a command behind a few words."""
    return bool(phrase) and isinstance(phrase[-1], Foreign) and not phrase[-1].prose


def _rows(page: Page) -> Iterator[RenderableType]:
    if not page.rows:
        return
    grid = _grid(("", *page.columns), frozenset(at + 1 for at in page.right))
    for row in page.rows:
        mark, colour = _MARKS[row.outcome]
        grid.add_row(Text(mark, colour), *(_text(cell) for cell in row.cells))
    yield grid
    yield ""


def _fold(fold: Fold, *, titled: bool) -> Iterator[RenderableType]:
    mark, colour = _MARKS[fold.outcome]
    if titled and fold.sections:
        yield Text.assemble((f"{mark} ", colour), _text(fold.title, "bold"))
    for section in fold.sections:
        yield _indented(Text(section.title, "underline"))
        yield from (_block(block) for block in section.blocks)
        yield ""


def _block(block: Block) -> RenderableType:
    match block:
        case Line():
            return _indented(_text(block.phrase))
        case Listing():
            lines = (escape.terminal(line, 300) if line else "" for line in block.lines)
            return Text("\n".join(f"{_INDENT}{line}" for line in lines), no_wrap=True)
        case Table():
            grid = _grid(block.head, block.right)
            for row in block.rows:
                grid.add_row(*(_text(cell) for cell in row))
            return _indented(grid)


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, len(_INDENT)))


def _grid(columns: tuple[str, ...], right: frozenset[int]) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for position, column in enumerate(columns):
        number = position in right
        grid.add_column(
            column, justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    return grid


def _text(phrase: Phrase, style: str = "", *, whole: bool = False) -> Text:
    """A phrase as rich's `Text`, in which brackets are no markup; a `whole` one is not wrapped."""
    text = Text(style=style, no_wrap=whole)
    for part in phrase:
        match part:
            case Foreign():
                text.append(escape.terminal(part.text, part.limit), "" if part.prose else "cyan")
            case Strong():
                text.append(part.text, "bold")
            case _:
                text.append(part)
    return text
