"""Globs for the names and paths of images: `services/*`, `**/Dockerfile`, `api-?`."""

import re

GLOB_CHARACTERS = frozenset("*?[")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|.", re.DOTALL)
_EXPRESSIONS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def compile_glob(text: str) -> re.Pattern[str]:
    """Return a pattern for a whole text; `*` stays in one folder, and `**` does not."""
    return re.compile("".join(map(_translate, _TOKEN.findall(text))), re.DOTALL)


def _translate(token: str) -> str:
    if token in _EXPRESSIONS:
        return _EXPRESSIONS[token]
    if len(token) == 1:
        return re.escape(token)
    is_negated = token[1] == "!"
    characters = re.escape(token[1 + is_negated : -1]).replace(r"\-", "-")
    try:
        re.compile(f"[{characters}]")
    except re.error:  # a range from z to a
        return re.escape(token)
    return f"[{'^' if is_negated else ''}{characters}]"
