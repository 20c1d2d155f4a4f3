"""`# image-size: ignore[rule] reason`, above an instruction or inside of it."""

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from bot.dockerfile.instruction import Comment

_IGNORE_COMMENT = re.compile(r"\s*image-size:\s*ignore\[(?P<rules>[^\]]*)\]\s*(?P<reason>\S.*)?")


def is_ignored(rule: str, comments: Iterable[Comment]) -> bool:
    """Whether somebody has decided against a rule here, and says why: without a reason it holds."""
    return any(rule in names and reason for _, names, reason in _parse_ignores(comments))


def describe_invalid_ignores(comments: Iterable[Comment], rules: Collection[str]) -> Iterator[str]:
    """What counts for nothing, in a sentence each: no rule is called so, or no reason is given."""
    for line, names, reason in _parse_ignores(comments):
        for name in names:
            if name not in rules:
                close = get_close_matches(name, rules, 1)
                hint = f"; did you mean {close[0]}?" if close else "."
                yield f"Line {line} ignores {name!r}, which is not a rule{hint}"
            elif not reason:
                yield f"Line {line} ignores {name} without a reason, so the rule still applies."


def _parse_ignores(comments: Iterable[Comment]) -> Iterator[tuple[int, list[str], str]]:
    """The line of each, the names of its rules and its reason."""
    for comment in comments:
        found = _IGNORE_COMMENT.fullmatch(comment.text)
        if found:
            names = [name.strip() for name in found["rules"].split(",")]
            yield comment.line, names, found["reason"] or ""
