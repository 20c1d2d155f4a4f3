"""The text of a shell script: where its nodes stand in the Dockerfile, and what its words stand for."""

import re

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from bot.dockerfile.shell_script import Assignment, Redirection, Separator, Word
from bot.dockerfile.source_text import BLANK, MappedText, Span

_BASH_LANGUAGE = Language(tree_sitter_bash.language())
_DYNAMIC_NODES = (
    "simple_expansion",
    "expansion",
    "arithmetic_expansion",
    "command_substitution",
    "process_substitution",
    "translated_string",
    "array",
)
_QUOTED_PART = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", re.DOTALL)
_GLOB_CHARACTER = re.compile(r"[*?\[]|^~")
_BRACE_EXPANSION = re.compile(r"\{([^{}]*)\}")
_ESCAPED_CHARACTER = re.compile(r"\\(?:\n|(.))", re.DOTALL)
_ESCAPED_QUOTED_CHARACTER = re.compile(r"\\(?:\n|([$`\"\\]))")


class ShellNodes:
    """A script and its tree; the grammar counts bytes of what it was given, a passage characters."""

    def __init__(self, script: MappedText) -> None:
        self._script = script
        widths = (len(character.encode()) for character in script.text)
        self._offsets = [place for place, width in enumerate(widths) for _ in range(width)]
        self._offsets.append(len(script))
        self.root = Parser(_BASH_LANGUAGE).parse(script.text.encode()).root_node

    def read_separator(self, operator: str, start: int, end: int) -> Separator:
        """A joint reaches back to the end of what it joins; an escaped blank belongs to that."""
        text, place = self._script.text, self._offsets[start]
        begin = place
        while begin and text[begin - 1] in BLANK:
            begin -= 1
        begin = place if text.endswith("\\", 0, begin) else begin
        return Separator(operator, self._script[begin : self._offsets[end]].span)

    def read_assignment(self, node: Node) -> Assignment:
        """`NAME=value`."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        known = self.read_word(value) if value else None
        return Assignment(self._text_of(name) if name else "", known, self.span_of(node))

    def read_redirection(self, node: Node) -> Redirection:
        """`>file`; of a heredoc only what announces it."""
        target = _find_redirection_target(node)
        if target is None:
            return Redirection(self._text_of(node), None, self.span_of(node))
        operator = self._script[self._offsets[node.start_byte] : self._offsets[target.start_byte]]
        word = self.read_word(target)
        span = Span(self.span_of(node).start, word.span.end)
        return Redirection(operator.text.strip(), word, span)

    def read_word(self, node: Node) -> Word:
        """A word, quotes and all."""
        text = self._text_of(node)
        return Word(text, resolve_literal(node, text), self.span_of(node), is_pattern(text))

    def span_of(self, node: Node) -> Span:
        """Where a node stands in the Dockerfile."""
        return self._mapped_text_of(node).span

    def _text_of(self, node: Node) -> str:
        return self._mapped_text_of(node).text

    def _mapped_text_of(self, node: Node) -> MappedText:
        return self._script[self._offsets[node.start_byte] : self._offsets[node.end_byte]]


def _find_redirection_target(node: Node) -> Node | None:
    """The file, the text or the name that a redirection is about."""
    if node.type == "heredoc_redirect":
        return next((x for x in node.children if x.type == "heredoc_start"), None)
    return node.children[-1] if node.children[-1].is_named else None


def resolve_literal(node: Node, text: str) -> str | None:
    """The value of a word; None if variables or commands are in it."""
    if any(x in text for x in "$`<>") and _is_dynamic(node):
        return None
    return _remove_quotes(text)


def is_pattern(text: str) -> bool:
    """Whether the shell would match a word against file names, or multiply it by its braces."""
    bare = _QUOTED_PART.sub("", text)
    braces = any("," in inside or ".." in inside for inside in _BRACE_EXPANSION.findall(bare))
    return braces or bool(_GLOB_CHARACTER.search(bare))


def _is_dynamic(node: Node) -> bool:
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if node.type in _DYNAMIC_NODES or (
            node.type == "ansi_c_string" and b"\\" in (node.text or b"")
        ):
            return True
        nodes += node.children
    return False


def _remove_quotes(text: str) -> str:
    pieces, place = [], 0
    for quoted in _QUOTED_PART.finditer(text):
        pieces += [text[place : quoted.start()].removesuffix("$"), _unquote_part(quoted[0])]
        place = quoted.end()
    return "".join([*pieces, text[place:]])


def _unquote_part(part: str) -> str:
    """A quoted piece without its quotes, an escaped character without its escape."""
    if part.startswith("'"):
        return part[1:-1]
    if part.startswith('"'):
        return _ESCAPED_QUOTED_CHARACTER.sub(r"\1", part[1:-1])
    return _ESCAPED_CHARACTER.sub(r"\1", part)
