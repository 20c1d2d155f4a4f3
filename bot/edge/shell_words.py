"""What a word of a shell script stands for, where that can be told without running it."""

import re

from tree_sitter import Node

_UNKNOWN = (
    "simple_expansion",
    "expansion",
    "arithmetic_expansion",
    "command_substitution",
    "process_substitution",
    "translated_string",
    "array",
)
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", re.DOTALL)
_PATTERN = re.compile(r"[*?\[]|\{[^}]*(?:,|\.\.)[^}]*\}|^~")
_ESCAPED = re.compile(r"\\(?:\n|(.))", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r"\\(?:\n|([$`\"\\]))")


def literal(node: Node, text: str) -> str | None:
    """The value of a word; None if variables or commands are in it."""
    if any(x in text for x in "$`<>") and _has_unknown(node):
        return None
    return _unquoted(text)


def is_pattern(text: str) -> bool:
    """Whether the shell would match a word against file names, or multiply it by its braces."""
    return bool(_PATTERN.search(_QUOTED.sub("", text)))


def _has_unknown(node: Node) -> bool:
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if node.type in _UNKNOWN or (node.type == "ansi_c_string" and b"\\" in (node.text or b"")):
            return True
        nodes += node.children
    return False


def _unquoted(text: str) -> str:
    pieces, place = [], 0
    for quoted in _QUOTED.finditer(text):
        pieces += [text[place : quoted.start()].removesuffix("$"), _bare(quoted[0])]
        place = quoted.end()
    return "".join([*pieces, text[place:]])


def _bare(quoted: str) -> str:
    """A quoted piece without its quotes, an escaped character without its escape."""
    if quoted.startswith("'"):
        return quoted[1:-1]
    if quoted.startswith('"'):
        return _ESCAPED_IN_QUOTES.sub(r"\1", quoted[1:-1])
    return _ESCAPED.sub(r"\1", quoted)
