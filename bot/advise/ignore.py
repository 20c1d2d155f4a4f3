"""`# image-size: ignore[rule] reason`, above an instruction or inside of it."""

import re
from collections.abc import Iterable

from bot.core.statement import Comment

_IGNORE = re.compile(r"\s*image-size:\s*ignore\[(?P<rules>[^\]]*)\]\s*(?P<reason>\S.*)?")


def is_ignored(rule: str, comments: Iterable[Comment]) -> bool:
    """Whether somebody has decided against a rule here, and says why: without a reason it holds."""
    found = (_IGNORE.fullmatch(comment.text) for comment in comments)
    return any(
        rule in [name.strip() for name in match["rules"].split(",")]
        for match in found
        if match and match["reason"]
    )
