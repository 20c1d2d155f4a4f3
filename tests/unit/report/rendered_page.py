"""Reads a rendered page as a browser would, and lists its tags, text and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

HTML_TAGS = frozenset({"details", "summary", "b", "code", "pre", "br", "sub", "span", "wbr"})
_MARKDOWN_TAGS = frozenset(
    {"h3", "h4", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
)
_ALIGNED_RIGHT = [("style", "text-align:right")]


def parser() -> MarkdownIt:
    """Return a parser with those extensions of GitHub that affect the structure."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@dataclass
class Reader(HTMLParser):
    """The tags of a page in order; an AssertionError for a tag that this program never writes."""

    tags: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    text: str = ""
    comments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in HTML_TAGS | _MARKDOWN_TAGS, f"<{tag}> is foreign"
        is_aligned = tag in ("th", "td") and attrs == _ALIGNED_RIGHT
        is_diff = tag == "code" and attrs == [("class", "language-diff")]
        assert not attrs or is_aligned or is_diff, f"<{tag}> with {attrs}"
        if tag == "wbr":
            return  # how many there are depends on the length of a name
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
    """Read the structure of a page; an AssertionError if it holds untrusted markup."""
    assert_tables(markdown)
    reader = Reader()
    reader.feed(parser().render(markdown))
    reader.close()
    assert not reader.stack, f"{reader.stack} are never closed"
    assert len(reader.comments) <= 1, "only the marker is a comment"
    return reader


def assert_tables(markdown: str) -> None:
    """Check that every row of a table has as many cells as its header.

    Parsers pad and cut rows, so the bars are counted.
    """
    lines = markdown.splitlines()
    for start, end in _tables(markdown):
        bars = {len(re.findall(r"\|", line)) for line in lines[start:end]}
        assert len(bars) == 1, "\n".join(lines[start:end])


def _tables(markdown: str) -> Iterator[tuple[int, int]]:
    for token in parser().parse(markdown):
        if token.type == "table_open" and token.map:
            yield token.map[0], token.map[1]
