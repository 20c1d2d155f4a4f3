"""Shell scripts read with tree-sitter and its grammar of bash.

The grammar reads sh, dash and ash as well; an error in its tree makes the script incomplete.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from bot.adapters.parsing.shell_nodes import ParsingTime, ShellNodes
from bot.adapters.parsing.shell_spelling import respell
from bot.dockerfile.shell_script import Command, CompoundCommand, Script, Separator
from bot.dockerfile.source_text import MappedText, Span

# Deeper scripts count as incomplete: Python's own limit is 1,000 frames.
_MAX_DEPTH = 300

_COMMAND_NODES = (
    "command",
    "declaration_command",
    "test_command",
    "unset_command",
    "variable_assignment",
    "variable_assignments",
)
_OPERATOR_NODES = ("&&", "||", ";", "|", "|&", "&", "\n")
_BRANCH_NODES = ("then", "do", "else", "elif", "case_item")
_REDIRECTION_NODES = ("file_redirect", "herestring_redirect", "heredoc_redirect")
_CHAIN_NODES = ("list", "pipeline", "redirected_statement")
_TEST_NODES = (
    "unary_expression",
    "binary_expression",
    "parenthesized_expression",
    "negation_expression",
)
_COMPOUND_KINDS = {
    "subshell": "subshell",
    "compound_statement": "group",
    "if_statement": "if",
    "while_statement": "loop",
    "for_statement": "loop",
    "c_style_for_statement": "loop",
    "case_statement": "case",
    "function_definition": "function",
    "negated_command": "not",
    "command_substitution": "substitution",
    "process_substitution": "substitution",
}


def parse_script(script: MappedText, parsing_time: ParsingTime | None = None) -> Script:
    """Parse the commands of a script; their spans are offsets in its file.

    Scripts of one file share their time. One that takes longer has no commands and is not complete.
    """
    parsing_time = parsing_time or ParsingTime()
    reader = _ScriptReader(script, parsing_time)
    # All that is respelled has a parenthesis: others need no second pass.
    if not reader.is_complete and ")" in script.text:
        respelled = _ScriptReader(respell(script), parsing_time)
        reader = respelled if respelled.is_complete else reader
    return Script(tuple(reader.commands), reader.is_complete)


@dataclass(frozen=True, slots=True)
class _Nesting:
    """The position in the syntax tree: the blocks around it, and its depth."""

    enclosing: tuple[CompoundCommand, ...] = ()
    depth: int = 0

    def enter(self, *compound_command: CompoundCommand) -> "_Nesting":
        """Return the nesting one level down, inside of a block if one is given."""
        return _Nesting((*self.enclosing, *compound_command), self.depth + 1)


class _ScriptReader:
    """Walks the tree of a script once and collects its commands."""

    def __init__(self, script: MappedText, parsing_time: ParsingTime) -> None:
        self._nodes = ShellNodes(script, parsing_time)
        self.commands: list[Command] = []
        self.is_complete = self._nodes.is_complete
        self._separator: Separator | None = None
        self._at_branch_start = True
        self._visit(self._nodes.root, _Nesting())

    def _visit(self, node: Node, nesting: _Nesting) -> None:
        if nesting.depth > _MAX_DEPTH:
            self.is_complete = False
        elif node.type in _OPERATOR_NODES:
            self._separator = self._nodes.read_separator(node.type, node.start_byte, node.end_byte)
        elif node.type in _COMMAND_NODES:
            self._read_command(node, nesting)
        elif node.type == "redirected_statement":
            self._read_redirected(node, nesting)
        else:
            self._descend(node, nesting)

    def _descend(self, node: Node, nesting: _Nesting) -> None:
        if node.type in _BRANCH_NODES:
            self._separator, self._at_branch_start = None, True
        kind = _COMPOUND_KINDS.get(node.type)
        inside = (
            nesting.enter(CompoundCommand(kind, self._nodes.span_of(node)))
            if kind
            else nesting.enter()
        )
        if kind:
            self._at_branch_start = self._separator is None
        for child in _iter_children(node):
            self._visit(child, inside)
        if kind:
            self._separator, self._at_branch_start = None, False

    def _read_command(self, node: Node, nesting: _Nesting) -> None:
        """Read one simple command, then those in its substitutions."""
        if node.start_byte == node.end_byte:
            return
        parts = [node] if node.type == "variable_assignment" else node.children
        self.commands.append(self._build_command(node, parts, nesting))
        for part in parts:
            self._visit_substitutions(part, nesting.enter())
        self._separator, self._at_branch_start = None, False

    def _build_command(self, node: Node, parts: list[Node], nesting: _Nesting) -> Command:
        redirections = [x for x in parts if x.type in _REDIRECTION_NODES]
        assignments = [x for x in parts if x.type == "variable_assignment"]
        words = [x for x in parts if x not in redirections and x not in assignments]
        return Command(
            words=tuple(
                self._nodes.read_word(leaf) for part in words for leaf in _iter_test_words(part)
            ),
            span=self._nodes.span_of(node),
            separator=self._take_separator(node),
            enclosing=nesting.enclosing,
            assignments=tuple(map(self._nodes.read_assignment, assignments)),
            redirections=tuple(map(self._nodes.read_redirection, redirections)),
        )

    def _visit_substitutions(self, node: Node, nesting: _Nesting) -> None:
        """Read the commands in the words of another command."""
        if nesting.depth > _MAX_DEPTH:
            self.is_complete = False
        elif _COMPOUND_KINDS.get(node.type) == "substitution":
            self._separator, self._at_branch_start = None, True
            self._visit(node, nesting)
        else:
            for child in node.children:
                self._visit_substitutions(child, nesting.enter())

    def _read_redirected(self, node: Node, nesting: _Nesting) -> None:
        """Read a statement, then the redirections of its last command or block."""
        first_index = len(self.commands)
        parts = [x for x in node.children if x.type in _REDIRECTION_NODES]
        bodies = [x for x in node.children if x.type not in _REDIRECTION_NODES]
        for body in bodies:
            self._visit(body, nesting.enter())
        if len(self.commands) == first_index:
            separator = self._take_separator(node)
            self.commands.append(
                Command((), self._nodes.span_of(parts[0]), separator, nesting.enclosing)
            )
        command_indexes = self._find_redirected_commands(
            _find_last_command(bodies[-1]) if bodies else parts[0], first_index
        )
        for part in parts:
            self._add_redirection(part, command_indexes, nesting)

    def _find_redirected_commands(self, last_node: Node, first_index: int) -> list[int]:
        """Return the indexes of the commands that a redirection after `last_node` is for."""
        start = self._nodes.span_of(last_node).start
        indexes = [
            index
            for index in range(first_index, len(self.commands))
            if self.commands[index].span.start >= start
        ]
        return indexes if last_node.type in _COMPOUND_KINDS else indexes[:1]

    def _add_redirection(self, part: Node, command_indexes: list[int], nesting: _Nesting) -> None:
        """Add one redirection to its commands; go on behind the marker of a heredoc."""
        redirection = self._nodes.read_redirection(part)
        words = tuple(map(self._nodes.read_word, part.children_by_field_name("argument")))
        for index in command_indexes:
            command = self.commands[index]
            is_own_block = command.enclosing == nesting.enclosing
            end = max(command.span.end, redirection.span.end) if is_own_block else command.span.end
            self.commands[index] = replace(
                command,
                words=command.words + words,
                span=Span(command.span.start, end),
                redirections=(*command.redirections, redirection),
            )
        if part.type == "heredoc_redirect":
            self._visit_after_heredoc(part, command_indexes, nesting.enter())

    def _visit_after_heredoc(
        self, part: Node, command_indexes: list[int], nesting: _Nesting
    ) -> None:
        """Read what follows a `<<EOF` on its line, which the grammar puts inside of it."""
        for child in part.children:
            if child.type in _REDIRECTION_NODES:
                self._add_redirection(child, command_indexes, nesting)
            elif child.type == "heredoc_body":
                self._visit_substitutions(child, nesting)
            else:
                self._visit(child, nesting)

    def _take_separator(self, node: Node) -> Separator | None:
        """Return the operator before a command, or the line feed if there is none."""
        separator, at_start = self._separator, self._at_branch_start
        self._separator, self._at_branch_start = None, False
        if separator or at_start or not self.commands:
            return separator
        return self._nodes.read_separator("\n", node.start_byte, node.start_byte)


def _iter_test_words(node: Node) -> Iterator[Node]:
    """Yield the words of a test, or the word itself."""
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if node.type in _TEST_NODES:
            nodes += reversed(node.children)
        else:
            yield node


def _iter_children(node: Node) -> Iterator[Node]:
    """Yield the children, with lists flattened.

    The grammar nests a list of n commands n levels to the left.
    """
    nodes = [*reversed(node.children)]
    while nodes:
        child = nodes.pop()
        if child.type == "list":
            nodes += reversed(child.children)
        else:
            yield child


def _find_last_command(node: Node) -> Node:
    """Return the last command or block of a chain, which a redirection at its end is for."""
    while node.type in _CHAIN_NODES and node.named_children:
        parts = [x for x in node.named_children if x.type not in _REDIRECTION_NODES]
        if not parts:
            break
        node = parts[-1]
    return node
