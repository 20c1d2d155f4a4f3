"""Reads the tables of a page of HTML, as a browser would find them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class TableReader(HTMLParser):
    """All tables of a page: rows of cells, without markup."""

    tables: list[list[list[str]]] = field(default_factory=list)
    is_in_cell: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.is_in_cell = False

    def handle_data(self, data: str) -> None:
        if self.is_in_cell:
            self.tables[-1][-1][-1] += data.replace("\N{NO-BREAK SPACE}", " ")


def read_tables(html: str) -> list[list[list[str]]]:
    """Return the tables of a page, each with its rows, the head's first."""
    reader = TableReader()
    reader.feed(html)
    return reader.tables


def read_images(html: str) -> list[dict[str, str]]:
    """Return the rows of the table of all images, by the names of their columns."""
    head, *rows = next(table for table in read_tables(html) if table[0][0] == "image")
    return [dict(zip(head, row, strict=True)) for row in rows]
