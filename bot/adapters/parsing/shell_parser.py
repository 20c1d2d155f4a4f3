"""Reads shell scripts with tree-sitter and its grammar of bash."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from bot.adapters.parsing.shell_nodes import ShellText
from bot.dockerfile.shell_script import Block, Command, Joint, Script
from bot.dockerfile.source_text import Passage, Span

_DEEPEST = 300

_COMMANDS = (
    "command",
    "declaration_command",
    "test_command",
    "unset_command",
    "variable_assignment",
    "variable_assignments",
)
_OPERATORS = ("&&", "||", ";", "|", "|&", "&", "\n")
_BRANCHES = ("then", "do", "else", "elif", "case_item")
_REDIRECTIONS = ("file_redirect", "herestring_redirect", "heredoc_redirect")
_CHAINS = ("list", "pipeline", "redirected_statement")
_TESTS = (
    "unary_expression",
    "binary_expression",
    "parenthesized_expression",
    "negation_expression",
)
_BLOCKS = {
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


def read_script(script: Passage) -> Script:
    """The commands of a script, their spans those of the file that it was taken from."""
    reader = _Reader(script)
    return Script(tuple(reader.commands), reader.complete)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree the reader is."""

    blocks: tuple[Block, ...] = ()
    depth: int = 0

    def deeper(self, *block: Block) -> "_Place":
        """One step down, into a block perhaps."""
        return _Place((*self.blocks, *block), self.depth + 1)


class _Reader:
    """Walks the tree of a script once and collects its commands."""

    def __init__(self, script: Passage) -> None:
        self._text = ShellText(script)
        self.commands: list[Command] = []
        self.complete = not self._text.root.has_error
        self._joint: Joint | None = None
        self._starts_branch = True
        self._visit(self._text.root, _Place())

    def _visit(self, node: Node, place: _Place) -> None:
        if place.depth > _DEEPEST:
            self.complete = False
        elif node.type in _OPERATORS:
            self._joint = self._text.joint(node.type, node.start_byte, node.end_byte)
        elif node.type in _COMMANDS:
            self._command(node, place)
        elif node.type == "redirected_statement":
            self._redirected(node, place)
        else:
            self._descend(node, place)

    def _descend(self, node: Node, place: _Place) -> None:
        if node.type in _BRANCHES:
            self._joint, self._starts_branch = None, True
        kind = _BLOCKS.get(node.type)
        inside = place.deeper(Block(kind, self._text.span(node))) if kind else place.deeper()
        if kind:
            self._starts_branch = self._joint is None
        for child in _members(node):
            self._visit(child, inside)
        if kind:
            self._joint, self._starts_branch = None, False

    def _command(self, node: Node, place: _Place) -> None:
        """One simple command, then those in its substitutions."""
        if node.start_byte == node.end_byte:
            return
        parts = [node] if node.type == "variable_assignment" else node.children
        redirections = [x for x in parts if x.type in _REDIRECTIONS]
        assignments = [x for x in parts if x.type == "variable_assignment"]
        words = [x for x in parts if x not in redirections and x not in assignments]
        self.commands.append(
            Command(
                words=tuple(self._text.word(leaf) for part in words for leaf in _leaves(part)),
                span=self._text.span(node),
                joint=self._take_joint(node),
                blocks=place.blocks,
                assignments=tuple(map(self._text.assignment, assignments)),
                redirections=tuple(map(self._text.redirection, redirections)),
            )
        )
        for part in parts:
            self._visit_substitutions(part, place.deeper())
        self._joint, self._starts_branch = None, False

    def _visit_substitutions(self, node: Node, place: _Place) -> None:
        """The commands in the words of another one."""
        if place.depth > _DEEPEST:
            self.complete = False
        elif _BLOCKS.get(node.type) == "substitution":
            self._joint, self._starts_branch = None, True
            self._visit(node, place)
        else:
            for child in node.children:
                self._visit_substitutions(child, place.deeper())

    def _redirected(self, node: Node, place: _Place) -> None:
        """A statement, then the redirections that its last command or block has."""
        first = len(self.commands)
        parts = [x for x in node.children if x.type in _REDIRECTIONS]
        bodies = [x for x in node.children if x.type not in _REDIRECTIONS]
        for body in bodies:
            self._visit(body, place.deeper())
        if len(self.commands) == first:
            joint = self._take_joint(node)
            self.commands.append(Command((), self._text.span(parts[0]), joint, place.blocks))
        holders = self._holders(_last(bodies[-1]) if bodies else parts[0], first)
        for part in parts:
            self._redirect(part, holders, place)

    def _holders(self, last: Node, first: int) -> list[int]:
        """Which of the commands from the first on a redirection behind this one is for."""
        start = self._text.span(last).start
        later = [
            n for n in range(first, len(self.commands)) if self.commands[n].span.start >= start
        ]
        return later if last.type in _BLOCKS else later[:1]

    def _redirect(self, part: Node, holders: list[int], place: _Place) -> None:
        """Adds one redirection to all that it is for; goes on behind the marker of a heredoc."""
        redirection = self._text.redirection(part)
        more = tuple(map(self._text.word, part.children_by_field_name("argument")))
        for number in holders:
            command = self.commands[number]
            own = command.blocks == place.blocks
            end = max(command.span.end, redirection.span.end) if own else command.span.end
            self.commands[number] = replace(
                command,
                words=command.words + more,
                span=Span(command.span.start, end),
                redirections=(*command.redirections, redirection),
            )
        if part.type == "heredoc_redirect":
            self._behind_heredoc(part, holders, place.deeper())

    def _behind_heredoc(self, part: Node, holders: list[int], place: _Place) -> None:
        """The grammar puts all that follows on the line of a `<<EOF` inside of it."""
        for child in part.children:
            if child.type in _REDIRECTIONS:
                self._redirect(child, holders, place)
            elif child.type == "heredoc_body":
                self._visit_substitutions(child, place)
            else:
                self._visit(child, place)

    def _take_joint(self, node: Node) -> Joint | None:
        """What joins a command with the one before: if nothing else does, the new line between."""
        joint, fresh = self._joint, self._starts_branch
        self._joint, self._starts_branch = None, False
        if joint or fresh or not self.commands:
            return joint
        return self._text.joint("\n", node.start_byte, node.start_byte)


def _leaves(node: Node) -> Iterator[Node]:
    """The words of a test, or a word itself."""
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if node.type in _TESTS:
            nodes += reversed(node.children)
        else:
            yield node


def _members(node: Node) -> Iterator[Node]:
    """The children; those of a list flat, which the grammar nests to the left as deep as it is long."""
    nodes = [*reversed(node.children)]
    while nodes:
        child = nodes.pop()
        if child.type == "list":
            nodes += reversed(child.children)
        else:
            yield child


def _last(node: Node) -> Node:
    """The last command or block of a chain: what a redirection at its end is for."""
    while node.type in _CHAINS and node.named_children:
        parts = [x for x in node.named_children if x.type not in _REDIRECTIONS]
        if not parts:
            break
        node = parts[-1]
    return node
