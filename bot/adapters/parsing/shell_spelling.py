"""Spellings of the shell that its grammar does not know, and equal ones that it does.

tree-sitter-bash 0.25 takes `((a | b) && c)` for arithmetic, and wants a `;` in `(a) else b`.
"""

import re
from collections.abc import Iterator

from bot.dockerfile.source_text import MappedText, join

_KEYWORD_BEHIND_SUBSHELL = re.compile(r"\)(?=[\t\n ]+(?:then|else|elif|fi|do|done|esac)\b)")


def respell(script: MappedText) -> MappedText:
    """Return a script that means the same, with blanks and `;` where the grammar wants them."""
    parts, start = [], 0
    for index, text in sorted(_list_insertions(script.text)):
        offset = script.starts[index]
        parts += [script[start:index], MappedText(text, (offset, offset), (offset,))]
        start = index
    return join([*parts, script[start:]])


def _list_insertions(text: str) -> Iterator[tuple[int, str]]:
    unquoted = dict(_iter_unquoted(text))
    closings = dict(_match_parentheses(unquoted))
    for index, closing in closings.items():
        inner = index + 1
        is_pair = text.startswith("((", index) and inner in closings
        if is_pair and text[index - 1 : index] != "$" and closings[inner] + 1 != closing:
            yield inner, " "
    for match in _KEYWORD_BEHIND_SUBSHELL.finditer(text):
        if match.start() in unquoted:
            yield match.end(), ";"


def _match_parentheses(characters: dict[int, str]) -> Iterator[tuple[int, int]]:
    """Yield the index of each opening parenthesis, and that of its closing one."""
    openings: list[int] = []
    for index, character in characters.items():
        if character == "(":
            openings.append(index)
        elif character == ")" and openings:
            yield openings.pop(), index


def _iter_unquoted(text: str) -> Iterator[tuple[int, str]]:
    """Yield the characters that are neither quoted nor escaped, with their indexes."""
    quote, is_escaped = "", False
    for index, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in ("'", '"'):
            quote = character
        else:
            yield index, character
