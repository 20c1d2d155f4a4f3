"""`# image-size: ignore[rule] reason`, above an instruction or inside of it."""

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from bot.dockerfile.instruction import Comment

# image-size: ignore[rule, rule] reason
_IGNORE_COMMENT = re.compile(r"\s*image-size:\s*ignore\[(?P<rules>[^\]]*)\]\s*(?P<reason>\S.*)?")


def is_ignored(rule: str, comments: Iterable[Comment]) -> bool:
    """Return True if a comment ignores the rule and gives a reason."""
    return any(rule in names and reason for _, names, reason in _parse_ignores(comments))


def describe_invalid_ignores(comments: Iterable[Comment], rules: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each ignore without effect: an unknown rule, or no reason."""
    for line, names, reason in _parse_ignores(comments):
        for name in names:
            if name not in rules:
                matches = get_close_matches(name, rules, 1)
                hint = f"; did you mean {matches[0]}?" if matches else "."
                yield f"Line {line} ignores {name!r}, which is not a rule{hint}"
            elif not reason:
                yield f"Line {line} ignores {name} without a reason, so the rule still applies."


def _parse_ignores(comments: Iterable[Comment]) -> Iterator[tuple[int, list[str], str]]:
    """Yield line, rule names and reason of each ignore comment."""
    for comment in comments:
        match = _IGNORE_COMMENT.fullmatch(comment.text)
        if match:
            names = [name.strip() for name in match["rules"].split(",")]
            yield comment.line, names, match["reason"] or ""
