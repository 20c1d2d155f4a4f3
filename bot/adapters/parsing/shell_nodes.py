"""The text of a shell script: where its nodes stand in the Dockerfile, and what its words stand for."""

import re

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from bot.dockerfile.shell_script import Assignment, Joint, Redirection, Word
from bot.dockerfile.source_text import BLANK, Passage, Span

_BASH = Language(tree_sitter_bash.language())
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
_MATCHED = re.compile(r"[*?\[]|^~")
_BRACES = re.compile(r"\{([^{}]*)\}")
_ESCAPED = re.compile(r"\\(?:\n|(.))", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r"\\(?:\n|([$`\"\\]))")


class ShellText:
    """A script and its tree; the grammar counts bytes of what it was given, a passage characters."""

    def __init__(self, script: Passage) -> None:
        self._script = script
        widths = (len(character.encode()) for character in script.text)
        self._places = [place for place, width in enumerate(widths) for _ in range(width)]
        self._places.append(len(script))
        self.root = Parser(_BASH).parse(script.text.encode()).root_node

    def joint(self, operator: str, start: int, end: int) -> Joint:
        """A joint reaches back to the end of what it joins; an escaped blank belongs to that."""
        text, place = self._script.text, self._places[start]
        begin = place
        while begin and text[begin - 1] in BLANK:
            begin -= 1
        begin = place if text.endswith("\\", 0, begin) else begin
        return Joint(operator, self._script[begin : self._places[end]].span)

    def assignment(self, node: Node) -> Assignment:
        """`NAME=value`."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        known = self.word(value) if value else None
        return Assignment(self._text(name) if name else "", known, self.span(node))

    def redirection(self, node: Node) -> Redirection:
        """`>file`; of a heredoc only what announces it."""
        target = _target(node)
        if target is None:
            return Redirection(self._text(node), None, self.span(node))
        operator = self._script[self._places[node.start_byte] : self._places[target.start_byte]]
        word = self.word(target)
        span = Span(self.span(node).start, word.span.end)
        return Redirection(operator.text.strip(), word, span)

    def word(self, node: Node) -> Word:
        """A word, quotes and all."""
        text = self._text(node)
        return Word(text, literal(node, text), self.span(node), is_pattern(text))

    def span(self, node: Node) -> Span:
        """Where a node stands in the Dockerfile."""
        return self._passage(node).span

    def _text(self, node: Node) -> str:
        return self._passage(node).text

    def _passage(self, node: Node) -> Passage:
        return self._script[self._places[node.start_byte] : self._places[node.end_byte]]


def _target(node: Node) -> Node | None:
    """The file, the text or the name that a redirection is about."""
    if node.type == "heredoc_redirect":
        return next((x for x in node.children if x.type == "heredoc_start"), None)
    return node.children[-1] if node.children[-1].is_named else None


def literal(node: Node, text: str) -> str | None:
    """The value of a word; None if variables or commands are in it."""
    if any(x in text for x in "$`<>") and _has_unknown(node):
        return None
    return _unquoted(text)


def is_pattern(text: str) -> bool:
    """Whether the shell would match a word against file names, or multiply it by its braces."""
    bare = _QUOTED.sub("", text)
    braces = any("," in inside or ".." in inside for inside in _BRACES.findall(bare))
    return braces or bool(_MATCHED.search(bare))


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
