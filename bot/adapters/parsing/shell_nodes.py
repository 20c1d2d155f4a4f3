"""Nodes of tree-sitter's shell grammar, with their offsets in the Dockerfile.

shell_parser.py walks the tree; here single nodes become words, redirections and separators.
"""

import re
import time
from dataclasses import dataclass
from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser, Tree

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
# 'single', "double" with escapes, or one escaped character.
_QUOTED_PART = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", re.DOTALL)
# POSIX patterns, and a tilde in front, which is a home.
_GLOB_CHARACTER = re.compile(r"[*?\[]|^~")
_BRACE_EXPANSION = re.compile(r"\{([^{}]*)\}")
_ESCAPED_CHARACTER = re.compile(r"\\(?:\n|(.))", re.DOTALL)
# POSIX: inside of double quotes a backslash escapes only these, and line feeds.
_ESCAPED_QUOTED_CHARACTER = re.compile(r"\\(?:\n|([$`\"\\]))")


@dataclass
class ParsingTime:
    """The processor time left for the scripts of a file, in seconds.

    Usual ones take some milliseconds. The grammar takes the square of a text that makes no sense in
    it, so that one of two megabytes would take hours.
    """

    left_s: float = 2.0


class ShellNodes:
    """A script and its syntax tree.

    The grammar counts bytes of the script; `MappedText` counts characters. A script for which the
    time does not suffice has no nodes and is not complete.
    """

    def __init__(self, script: MappedText, parsing_time: ParsingTime) -> None:
        self._script = script
        widths = (len(character.encode()) for character in script.text)
        self._offsets = [index for index, width in enumerate(widths) for _ in range(width)]
        self._offsets.append(len(script))
        tree = _parse(script.text.encode(), parsing_time)
        self.is_complete = tree is not None and not tree.root_node.has_error
        self.root = (tree or Parser(_BASH_LANGUAGE).parse(b"")).root_node

    def read_separator(self, operator: str, start: int, end: int) -> Separator:
        """Return a separator that reaches back to the end of the command before.

        An escaped blank belongs to that command.
        """
        text, operator_start = self._script.text, self._offsets[start]
        first = operator_start
        while first and text[first - 1] in BLANK:
            first -= 1
        first = operator_start if text.endswith("\\", 0, first) else first
        return Separator(operator, self._script[first : self._offsets[end]].span)

    def read_assignment(self, node: Node) -> Assignment:
        """Read `NAME=value`."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        word = self.read_word(value) if value else None
        return Assignment(self._text_of(name) if name else "", word, self.span_of(node))

    def read_redirection(self, node: Node) -> Redirection:
        """Read `>file`; of a heredoc only `<<NAME`."""
        target = _find_redirection_target(node)
        if target is None:
            return Redirection(self._text_of(node), None, self.span_of(node))
        operator = self._script[self._offsets[node.start_byte] : self._offsets[target.start_byte]]
        word = self.read_word(target)
        span = Span(self.span_of(node).start, word.span.end)
        return Redirection(operator.text.strip(), word, span)

    def read_word(self, node: Node) -> Word:
        """Read a word, quotes included."""
        text = self._text_of(node)
        return Word(text, resolve_literal(node, text), self.span_of(node), is_pattern(text))

    def span_of(self, node: Node) -> Span:
        """Return the span of a node in the Dockerfile."""
        return self._mapped_text_of(node).span

    def _text_of(self, node: Node) -> str:
        return self._mapped_text_of(node).text

    def _mapped_text_of(self, node: Node) -> MappedText:
        return self._script[self._offsets[node.start_byte] : self._offsets[node.end_byte]]


def _parse(text: bytes, parsing_time: ParsingTime) -> Tree | None:
    """Parse a script; None if it takes longer than the time that is left."""
    start_s = time.thread_time()

    def is_too_long(*_progress: object) -> bool:
        return time.thread_time() - start_s > parsing_time.left_s

    # tree-sitter 0.26.1 never frees what it reads, and asks for the rest of a text that makes no
    # sense at every offset: views hold no copies, and each is made once.
    read_rest = cache(lambda offset: memoryview(text)[offset:])
    try:  # the parser reports its progress only if it asks for the text itself
        return Parser(_BASH_LANGUAGE).parse(
            lambda offset, _: read_rest(offset), progress_callback=is_too_long
        )
    except ValueError:
        return None
    finally:
        parsing_time.left_s -= time.thread_time() - start_s


def _find_redirection_target(node: Node) -> Node | None:
    """Return the file, text or name that a redirection refers to."""
    if node.type == "heredoc_redirect":
        return next((x for x in node.children if x.type == "heredoc_start"), None)
    return node.children[-1] if node.children[-1].is_named else None


def resolve_literal(node: Node, text: str) -> str | None:
    """Return the value of a word; None if it holds variables or commands."""
    if any(x in text for x in "$`<>") and _is_dynamic(node, text.encode()):
        return None
    return _remove_quotes(text)


def is_pattern(text: str) -> bool:
    """Return True if the shell would match a word against files, or expand its braces."""
    unquoted = _QUOTED_PART.sub("", text)
    has_braces = any(
        "," in inside or ".." in inside for inside in _BRACE_EXPANSION.findall(unquoted)
    )
    return has_braces or bool(_GLOB_CHARACTER.search(unquoted))


def _is_dynamic(word: Node, content: bytes) -> bool:
    """Return True for a word with variables, commands or escapes; `content` is all of it."""
    nodes = [word]
    while nodes:
        node = nodes.pop()
        if node.type in _DYNAMIC_NODES:
            return True
        own = content[node.start_byte - word.start_byte : node.end_byte - word.start_byte]
        if node.type == "ansi_c_string" and b"\\" in own:
            return True
        nodes += node.children
    return False


def _remove_quotes(text: str) -> str:
    pieces, offset = [], 0
    for quoted in _QUOTED_PART.finditer(text):
        # `$'…'` and `$"…"` of bash: the dollar belongs to the quote.
        pieces += [text[offset : quoted.start()].removesuffix("$"), _unquote_part(quoted[0])]
        offset = quoted.end()
    return "".join([*pieces, text[offset:]])


def _unquote_part(part: str) -> str:
    """Remove the quotes of a quoted part, or the escape of an escaped character."""
    if part.startswith("'"):
        return part[1:-1]
    if part.startswith('"'):
        return _ESCAPED_QUOTED_CHARACTER.sub(r"\1", part[1:-1])
    return _ESCAPED_CHARACTER.sub(r"\1", part)
