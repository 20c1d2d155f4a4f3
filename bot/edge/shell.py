"""Reads shell scripts with tree-sitter and its grammar of bash."""

from collections.abc import Iterator
from dataclasses import replace

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from bot.core.shell import Assignment, Block, Command, Joint, Redirection, Script, Word
from bot.core.source import Passage, Span
from bot.edge.shell_words import is_pattern, literal

_BASH = Language(tree_sitter_bash.language())
_DEEPEST = 100

_COMMANDS = ("command", "declaration_command", "test_command", "unset_command")
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


class _Reader:
    """Walks the tree of a script once and collects its commands."""

    def __init__(self, script: Passage) -> None:
        self._script = script
        data = script.text.encode()
        widths = (len(character.encode()) for character in script.text)
        # The grammar counts bytes of what it was given, a passage counts characters.
        self._places = [place for place, width in enumerate(widths) for _ in range(width)]
        self._places.append(len(script))
        root = Parser(_BASH).parse(data).root_node
        self.commands: list[Command] = []
        self.complete = not root.has_error
        self._joint: Joint | None = None
        self._starts_branch = True
        self._visit(root, (), 0)

    def _visit(self, node: Node, blocks: tuple[Block, ...], depth: int) -> None:
        if depth > _DEEPEST:
            self.complete = False
        elif node.type in _OPERATORS:
            self._joint = self._joint_at(node.type, node.start_byte, node.end_byte)
        elif node.type in _COMMANDS or node.type == "variable_assignment":
            self._command(node, blocks, depth)
        elif node.type == "redirected_statement":
            self._redirected(node, blocks, depth)
        else:
            self._descend(node, blocks, depth)

    def _descend(self, node: Node, blocks: tuple[Block, ...], depth: int) -> None:
        if node.type in _BRANCHES:
            self._joint, self._starts_branch = None, True
        kind = _BLOCKS.get(node.type)
        if kind:
            blocks = (*blocks, Block(kind, self._span(node)))
            self._starts_branch = self._joint is None
        for child in node.children:
            self._visit(child, blocks, depth + 1)
        if kind:
            self._joint, self._starts_branch = None, False

    def _command(self, node: Node, blocks: tuple[Block, ...], depth: int) -> None:
        """One simple command, then those in its substitutions."""
        if node.start_byte == node.end_byte:
            return
        parts = node.children if node.type in _COMMANDS else [node]
        redirections = [x for x in parts if x.type in _REDIRECTIONS]
        assignments = [x for x in parts if x.type == "variable_assignment"]
        others = [x for x in parts if x not in redirections and x not in assignments]
        self.commands.append(
            Command(
                words=tuple(self._word(leaf) for part in others for leaf in _leaves(part)),
                span=self._span(node),
                joint=self._take_joint(node, blocks),
                blocks=blocks,
                assignments=tuple(map(self._assignment, assignments)),
                redirections=tuple(map(self._redirection, redirections)),
            )
        )
        self._inside(parts, blocks, depth)

    def _inside(self, parts: list[Node], blocks: tuple[Block, ...], depth: int) -> None:
        """The substitutions in the words of a command."""
        self._joint, self._starts_branch = None, True
        for part in parts:
            for child in part.children if part.type not in _BLOCKS else [part]:
                if child.child_count:
                    self._visit_substitutions(child, blocks, depth + 1)
        self._joint, self._starts_branch = None, False

    def _visit_substitutions(self, node: Node, blocks: tuple[Block, ...], depth: int) -> None:
        if _BLOCKS.get(node.type) == "substitution":
            self._joint, self._starts_branch = None, True
            self._visit(node, blocks, depth)
        elif depth > _DEEPEST:
            self.complete = False
        else:
            for child in node.children:
                self._visit_substitutions(child, blocks, depth + 1)

    def _redirected(self, node: Node, blocks: tuple[Block, ...], depth: int) -> None:
        """A statement, then the redirections that its last command or block has."""
        first = len(self.commands)
        parts = [x for x in node.children if x.type in _REDIRECTIONS]
        bodies = [x for x in node.children if x.type not in _REDIRECTIONS]
        for body in bodies:
            self._visit(body, blocks, depth + 1)
        if len(self.commands) == first:
            joint = self._take_joint(node, blocks)
            self.commands.append(Command((), self._span(parts[0]), joint, blocks))
        last = _last(bodies[-1]) if bodies else parts[0]
        for part in parts:
            self._redirect(part, last, first, blocks, depth)

    def _redirect(
        self, part: Node, last: Node, first: int, blocks: tuple[Block, ...], depth: int
    ) -> None:
        """Adds one redirection to all that it holds for; goes on behind the marker of a heredoc."""
        redirection, start = self._redirection(part), self._span(last).start
        for number, command in enumerate(self.commands[first:], first):
            if command.span.start >= start:
                both = (*command.redirections, redirection)
                end = redirection.span.end if last.type in (*_COMMANDS, part.type) else 0
                span = Span(command.span.start, max(command.span.end, end))
                alone = command.blocks == blocks
                self.commands[number] = replace(
                    command, redirections=both, span=span if alone else command.span
                )
        if part.type == "heredoc_redirect":
            self._behind_heredoc(part, last, first, blocks, depth)

    def _behind_heredoc(
        self, part: Node, last: Node, first: int, blocks: tuple[Block, ...], depth: int
    ) -> None:
        """The grammar puts all that follows on the line of a `<<EOF` inside of it."""
        for child in part.children:
            if child.type in _REDIRECTIONS:
                self._redirect(child, last, first, blocks, depth + 1)
            elif child.type == "heredoc_body":
                self._visit_substitutions(child, blocks, depth + 1)
            else:
                self._visit(child, blocks, depth + 1)

    def _take_joint(self, node: Node, blocks: tuple[Block, ...]) -> Joint | None:
        """What joins a command with the one before: if nothing else does, the new line between."""
        joint, fresh = self._joint, self._starts_branch
        self._joint, self._starts_branch = None, False
        if joint or fresh or not self.commands:
            return joint
        return self._joint_at("\n", node.start_byte, node.start_byte)

    def _joint_at(self, operator: str, start: int, end: int) -> Joint:
        """A joint reaches back to the end of what it joins; an escaped blank belongs to that."""
        text = self._script.text[: self._places[start]]
        before = text.rstrip()
        begin = len(text if before.endswith("\\") else before)
        return Joint(operator, self._script[begin : self._places[end]].span)

    def _assignment(self, node: Node) -> Assignment:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        return Assignment(
            self._text(name) if name else "", self._word(value) if value else None, self._span(node)
        )

    def _redirection(self, node: Node) -> Redirection:
        if node.type == "heredoc_redirect":
            target = next((x for x in node.children if x.type == "heredoc_start"), None)
        else:
            target = node.children[-1] if node.children[-1].is_named else None
        end = target.start_byte if target else node.end_byte
        text = self._script[self._places[node.start_byte] : self._places[end]].strip()
        over = self._span(target).end if target else self._span(node).end
        return Redirection(
            text.text,
            self._word(target) if target else None,
            Span(self._span(node).start, over),
        )

    def _word(self, node: Node) -> Word:
        text = self._text(node)
        return Word(text, literal(node, text), self._span(node), is_pattern(text))

    def _text(self, node: Node) -> str:
        return self._script.text[self._places[node.start_byte] : self._places[node.end_byte]]

    def _span(self, node: Node) -> Span:
        return self._script[self._places[node.start_byte] : self._places[node.end_byte]].span


def _leaves(node: Node) -> Iterator[Node]:
    """The words of a test, or a word itself."""
    if node.type in _TESTS:
        for child in node.children:
            yield from _leaves(child)
    else:
        yield node


def _last(node: Node) -> Node:
    """The last command or block of a chain: what a redirection at its end is for."""
    while node.type in _CHAINS and node.named_children:
        parts = [x for x in node.named_children if x.type not in _REDIRECTIONS]
        if not parts:
            break
        node = parts[-1]
    return node
