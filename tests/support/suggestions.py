"""Suggestion blocks as a reader on GitHub applies them."""

from collections.abc import Iterable
from difflib import unified_diff

from markdown_it import MarkdownIt

from tests.support.github.records import ReviewComment


def make_patch(before: str, after: str, context: int = 3) -> str:
    """Return the hunks of a change, as GitHub shows them."""
    lines = unified_diff(_lines(before), _lines(after), lineterm="", n=context)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def find_suggestion_block(body: str) -> str:
    """Return the one suggestion block of a comment, as a Markdown reader parses it."""
    fences = [token for token in MarkdownIt().parse(body) if token.type == "fence"]
    (block,) = (token for token in fences if token.info == "suggestion")
    return block.content


def accept_all(comments: Iterable[ReviewComment], text: str) -> str:
    """Return the file after all suggestions on it were accepted."""
    lines = _lines(text)
    for comment in sorted(comments, key=lambda posted: -(posted.position.line or 0)):
        end = comment.position.line or 0
        start = comment.position.start_line or end
        lines[start - 1 : end] = _lines(find_suggestion_block(comment.body))
    return "".join(f"{line}\n" for line in lines)


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []
