"""The parts of a page model as HTML: phrases, tables, sections. All text is escaped here."""

import re
from collections.abc import Sequence
from html import escape as escape_html
from itertools import zip_longest

from bot.model.report import Outcome
from bot.model.sizes import parse_size
from bot.report import escape
from bot.report.page.page_model import (
    Block,
    Line,
    Listing,
    Phrase,
    Row,
    Section,
    Strong,
    Table,
    Untrusted,
)

_OUTCOME_TEXTS = {
    Outcome.SKIP: ("i", "not judged"),
    Outcome.PASS: ("✓", "passes"),
    Outcome.WARN: ("!", "warning"),
    Outcome.FAIL: ("✕", "over budget"),
    Outcome.ERROR: ("?", "could not be judged"),
}
_MAX_LINE_CHARACTERS = 300
_MAX_COLUMNS = 3  # on a phone
_MAX_DIFF_LINES = 200  # a rewrite of a long Dockerfile; all of it is in the JSON report
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_SIZE = re.compile(r"(?P<sign>[−-]?)(?P<size>\d[\d.,]* ?[kMGT]?B)\b")
_COUNT = re.compile(r"[\d,]+")


def render_phrase(phrase: Phrase) -> str:
    """Render a phrase with its parts escaped."""
    return "".join(_render_part(part) for part in phrase)


def render_mark(outcome: Outcome) -> str:
    """Render the sign of an outcome, with its meaning for those who cannot see it."""
    sign, meaning = _OUTCOME_TEXTS[outcome]
    return (
        f'<span class="mark {outcome.value}"><span aria-hidden="true">{sign}</span>'
        f'<span class="hidden">{meaning}</span></span>'
    )


def render_section(section: Section, level: int) -> str:
    """Render a section, below a heading of a level (2 or 3) or closed."""
    blocks = "".join(render_block(block) for block in section.blocks)
    if section.collapsed:
        return f"<details><summary>{section.title}</summary>\n{blocks}</details>\n"
    return f"<h{level}>{section.title}</h{level}>\n{blocks}"


def render_block(block: Block) -> str:
    """Render a paragraph, a table or preformatted lines."""
    match block:
        case Line():
            return f"<p>{render_phrase(block.phrase)}</p>\n"
        case Listing():
            return _render_listing(block)
        case Table():
            return _render_table(block)


def render_tiles(table: Table) -> str:
    """Render a table of one row as large numbers with their names."""
    pairs = zip(table.headers, table.rows[0], strict=True)
    tiles = "".join(
        f"<div><dt>{escape_html(name)}</dt><dd>{render_phrase(cell)}</dd></div>\n"
        for name, cell in pairs
    )
    return f'<dl class="totals">\n{tiles}</dl>\n'


def render_diff(diff: str) -> str:
    """Render the hunks of a unified diff, with colours beside the signs."""
    lines = diff.splitlines()
    text = "".join(_render_diff_line(line) for line in lines[:_MAX_DIFF_LINES])
    rest = "…\n" if len(lines) > _MAX_DIFF_LINES else ""
    return f'<pre class="diff" tabindex="0"><code>{text}{rest}</code></pre>\n'


def _render_diff_line(line: str) -> str:
    text = escape.html_line(line, _MAX_LINE_CHARACTERS)
    tag = {"+": "ins", "-": "del"}.get(line[:1])
    return f"<{tag}>{text}\n</{tag}>" if tag else f"{text}\n"


def render_rows(
    columns: Sequence[str],
    number_columns: frozenset[int],
    rows: Sequence[Row],
    links: Sequence[str],
) -> str:
    """Render the table of all images, which the page's script sorts and searches.

    `links` are the addresses of the images' details on the page.
    """
    lines = []
    for row, link in zip(rows, links or [""] * len(rows), strict=True):
        first, *others = row.cells
        name = f'<a href="{link}">{render_phrase(first)}</a>' if link else render_phrase(first)
        cells = "".join(
            _render_cell(cell, _render_key(cell), is_number=index in number_columns)
            for index, cell in enumerate(others, 1)
        )
        # The script sorts by `data-value`: text without its capitals, sizes as bytes.
        key = escape.html(_find_text(first).casefold())
        note = f"<br><small>{render_phrase(row.note)}</small>" if row.note else ""
        mark = render_mark(row.outcome)
        head = f'<th scope="row" data-value="{key}">{mark} {name}{note}</th>'
        lines.append(f"<tr>{head}{cells}</tr>\n")
    return (
        f'<div class="scroll">'
        f'<table class="images">{_render_head(columns, number_columns)}'
        f"<tbody>\n{''.join(lines)}</tbody></table></div>\n"
    )


def _render_part(part: str | Strong | Untrusted) -> str:
    match part:
        case Untrusted():
            text = escape.html(part.text.strip() or part.text, part.max_characters)
            return (
                _INLINE_CODE.sub(r"<code>\1</code>", text)
                if part.is_prose
                else (f"<code>{text}</code>")
            )
        case Strong():
            return f"<b>{escape.html(part.text)}</b>"
    return escape_html(part)


def _render_listing(listing: Listing) -> str:
    lines = (f"{escape.html_line(line, _MAX_LINE_CHARACTERS)}\n" for line in listing.lines)
    # `tabindex`, so that long lines can be scrolled by the keyboard (axe asks for it).
    return f'<pre tabindex="0"><code>{"".join(lines)}</code></pre>\n'


def _render_table(table: Table) -> str:
    largest, is_change = max(map(abs, table.bars), default=0), "change" in table.headers
    lines = []
    for row, bytes_ in zip_longest(table.rows, table.bars[: len(table.rows)]):
        first, *others = row
        cells = "".join(
            _render_cell(cell, is_number=index in table.number_columns)
            for index, cell in enumerate(others, 1)
        )
        bar = _render_bar(bytes_, largest, is_change=is_change) if largest else ""
        kind = ' class="n"' if 0 in table.number_columns else ""
        lines.append(f"<tr><td{kind}>{render_phrase(first)}</td>{cells}{bar}</tr>\n")
    headers = (*table.headers, "") if largest else table.headers
    head = _render_head(headers, table.number_columns)
    kind = ' class="wide"' if _is_wide(table) else ""
    body = f"<tbody>\n{''.join(lines)}</tbody>"
    return f'<div class="scroll"><table{kind}>{head}{body}</table></div>\n'


def _is_wide(table: Table) -> bool:
    """Return True for a table with more columns than a phone has room for."""
    return len(table.headers) > _MAX_COLUMNS


def _render_head(columns: Sequence[str], number_columns: frozenset[int]) -> str:
    cells = (
        f'<th scope="col"{" class=n" if index in number_columns else ""}>{name}</th>'
        if name
        else '<td class="bar"></td>'
        for index, name in enumerate(columns)
    )
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _render_cell(cell: Phrase, key: str = "", *, is_number: bool) -> str:
    kind = ' class="n"' if is_number else ""
    # One letter: a page of 200 images has ten thousand of these.
    return f"<td{kind}{key}>{escape.keep_numbers_whole(render_phrase(cell))}</td>"


def _render_bar(size: int | None, largest: int, *, is_change: bool) -> str:
    """Render a bar whose length says how a number compares to the others of its table."""
    if not size:
        return '<td class="bar"></td>'
    kind = ("less" if size < 0 else "more") if is_change else "size"
    # An attribute of SVG: the page's policy allows no style in an element.
    width = f"{max(0.5, 100 * abs(size) / largest):.1f}%"
    return (
        f'<td class="bar"><svg aria-hidden="true"><rect class="{kind}" width="{width}"/></svg></td>'
    )


def _render_key(cell: Phrase) -> str:
    value = _find_value(cell)
    return "" if value is None else f' data-value="{value}"'


def _find_text(phrase: Phrase) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in phrase)


def _find_value(cell: Phrase) -> int | None:
    """Return the number by which a cell is sorted: its first size, or a count."""
    text = _find_text(cell)
    match = _SIZE.search(text)
    if not match:
        return int(text.replace(",", "")) if _COUNT.fullmatch(text) else None
    size = parse_size(match["size"].replace(",", ""))
    return -size if match["sign"] else size
