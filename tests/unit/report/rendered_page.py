"""Reads a rendered page as a browser would, and says what it is made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

OURS = frozenset({"details", "summary", "b", "code", "pre", "br", "sub", "span"})
_OF_MARKDOWN = frozenset({"h3", "h4", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"})
_RIGHT = [("style", "text-align:right")]


def parser() -> MarkdownIt:
    """Markdown as GitHub reads it, as far as structure goes."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@dataclass
class Reader(HTMLParser):
    """Collects the tags in order; fails at one that nobody may have put there."""

    tags: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    text: str = ""
    comments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in OURS | _OF_MARKDOWN, f"<{tag}> is none of ours"
        assert not attrs or (tag in ("th", "td") and attrs == _RIGHT), f"<{tag}> with {attrs}"
        self.tags.append(tag)
        if tag != "br":
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read(markdown: str) -> Reader:
    """The page's structure; an AssertionError if it holds anything that is not ours."""
    assert_tables(markdown)
    reader = Reader()
    reader.feed(parser().render(markdown))
    reader.close()
    assert not reader.stack, f"{reader.stack} are never closed"
    assert len(reader.comments) <= 1, "only the marker is a comment"
    return reader


def assert_tables(markdown: str) -> None:
    """Every row of a table has as many cells as its head. Parsers pad and cut, so count the bars."""
    lines = markdown.splitlines()
    for start, end in _tables(markdown):
        bars = {len(re.findall(r"\|", line)) for line in lines[start:end]}
        assert len(bars) == 1, "\n".join(lines[start:end])


def _tables(markdown: str) -> Iterator[tuple[int, int]]:
    for token in parser().parse(markdown):
        if token.type == "table_open" and token.map:
            yield token.map[0], token.map[1]
