"""The nodes of a YAML text: its mappings, lists and scalars, each with its line.

The text may be anybody's: bytes, depth and the number of values are bounded, and each mistake has
its line. What the scalars mean is decided in yaml_reader.py.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.project.option_values import UNUSABLE_CHARACTER

MAX_CHARACTERS = 1_000_000
MAX_BYTES = 4 * MAX_CHARACTERS  # as UTF-8
MAX_VALUES = 50_000  # keys count, and a value behind an alias counts wherever it is used
# Values are made by recursion, some calls a level; Python allows 1,000 of them.
MAX_DEPTH = 30
# Line ends besides `\n` and `\r`, which editors do not show as such, count as control characters.
_CONTROL_CHARACTER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)
_UNDECODABLE = "\N{REPLACEMENT CHARACTER}"
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# `!` alone makes a text of any scalar, and so does `!!str` (YAML 1.2.2, 6.9.1 and 10.1.1).
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
# What the parser raises on texts that it does not expect, such as an escape above U+10FFFF.
_PARSER_DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
_MAX_REASON_LENGTH = 200


class YamlMistake(Exception):
    """A text that is not YAML, or not of this subset; `line` is counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, shorten(reason)


@dataclass(slots=True)
class YamlNode:
    """A value before it is known what its scalars are for.

    `children` of a mapping are its keys and values in turns; those of a scalar are None.
    `can_be_other` is True for a scalar without quotes, which may be a number, too.
    """

    line: int
    text: str = ""
    can_be_other: bool = False
    children: list["YamlNode"] | None = None
    is_mapping: bool = False
    is_open: bool = True
    tag: str = ""


def compose_nodes(text: str, kept_tags: Container[str]) -> YamlNode | None:
    """Return the root of a YAML text, None if it is empty; raise YamlMistake."""
    _check_characters(text)
    return _Composer(kept_tags).compose(text.removeprefix(_BYTE_ORDER_MARK))


def shorten(text: str) -> str:
    """Return a text that is short enough for a message, its middle left out."""
    if len(text) <= _MAX_REASON_LENGTH:
        return text
    half = _MAX_REASON_LENGTH // 2
    return f"{text[:half]} … {text[-half:]}"


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        reason = f"it has {len(text):,} characters, more than the {MAX_CHARACTERS:,} that are read"
        raise YamlMistake(1, reason)
    if match := _CONTROL_CHARACTER.search(text):
        reason = f"it has the character U+{ord(match[0]):04X}; save it as UTF-8 text without it"
        raise YamlMistake(text.count("\n", 0, match.start()) + 1, reason)


class _Composer:
    """Makes a tree of nodes of the parser's events, without recursion."""

    def __init__(self, kept_tags: Container[str]) -> None:
        self._kept_tags = kept_tags
        self._open_nodes: list[YamlNode] = []
        self._anchors: dict[str, YamlNode] = {}
        self._root: YamlNode | None = None
        self._count = 0

    def compose(self, text: str) -> YamlNode | None:
        """Return the root of the only document; None if there is none."""
        document_count, line = 0, 1
        for event in _parse_events(text):
            line = event.start_mark.line + 1
            document_count += isinstance(event, yaml_events.DocumentStartEvent)
            if document_count > 1:
                raise YamlMistake(line, "a second document begins; only one is read")
            self._handle(event, line)
        return self._root

    def _handle(self, event: Any, line: int) -> None:
        tag = getattr(event, "tag", None)
        own_tag = str(tag) if tag in self._kept_tags else ""
        tag = None if own_tag else tag
        match event:
            case yaml_events.AliasEvent():
                self._add(self._find_anchor(event.anchor, line))
            case yaml_events.ScalarEvent():
                self._add(self._register(event, _make_scalar(event, tag, line), own_tag))
            case yaml_events.CollectionStartEvent():
                _check_collection(tag, line)
                is_mapping = isinstance(event, yaml_events.MappingStartEvent)
                node = YamlNode(line, children=[], is_mapping=is_mapping)
                self._open(self._register(event, node, own_tag))
            case yaml_events.CollectionEndEvent():
                self._open_nodes.pop().is_open = False

    def _open(self, node: YamlNode) -> None:
        self._add(node)
        self._open_nodes.append(node)
        if len(self._open_nodes) > MAX_DEPTH:
            raise YamlMistake(node.line, f"it is nested more than {MAX_DEPTH} levels deep")

    def _add(self, node: YamlNode) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            raise YamlMistake(node.line, f"it has more than {MAX_VALUES:,} values")
        if not self._open_nodes:
            self._root = node
            return
        parent = self._open_nodes[-1]
        if parent.children is not None:
            if parent.is_mapping and len(parent.children) % 2 == 0 and node.children is not None:
                raise YamlMistake(node.line, "a list or a mapping cannot be a key")
            parent.children.append(node)

    def _register(self, event: Any, node: YamlNode, kept_tag: str) -> YamlNode:
        node.tag = kept_tag
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _find_anchor(self, name: str, line: int) -> YamlNode:
        node = self._anchors.get(name)
        if node is None:
            raise YamlMistake(line, f"there is no anchor for the alias *{name}")
        if node.is_open and node.children is not None:
            raise YamlMistake(line, f"the alias *{name} is inside of the value that it repeats")
        return node


def _parse_events(text: str) -> Iterator[Any]:
    """Yield the events of a text; raise YamlMistake for everything that the parser raises."""
    line = 1
    try:
        # Pure, since the parser in C is another one where it is installed, with other mistakes.
        for event in YAML(typ="safe", pure=True).parse(text):
            line = event.start_mark.line + 1
            yield event
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        reason = problem.problem or problem.context or "it cannot be parsed"
        raise YamlMistake(mark.line + 1 if mark else line, str(reason)) from problem
    except YAMLError as problem:
        raise YamlMistake(line, str(problem)) from problem
    except _PARSER_DEFECTS as problem:
        raise YamlMistake(line, f"it cannot be parsed: {problem}") from problem


def _make_scalar(event: Any, tag: str | None, line: int) -> YamlNode:
    is_plain = event.style is None or event.style == ""
    if tag is not None and tag not in _TEXT_TAGS:
        raise _make_tag_mistake(tag, line)
    if _UNDECODABLE in event.value:
        raise YamlMistake(line, "it has bytes that are not UTF-8; save it as UTF-8 text")
    if match := UNUSABLE_CHARACTER.search(event.value):
        code = f"U+{ord(match[0]):04X}"
        raise YamlMistake(line, f"a text has the character {code}; write it without that escape")
    return YamlNode(line, event.value, can_be_other=is_plain and tag is None)


def _check_collection(tag: str | None, line: int) -> None:
    if tag is not None:
        raise _make_tag_mistake(tag, line)


def _make_tag_mistake(tag: str, line: int) -> YamlMistake:
    name = tag.replace("tag:yaml.org,2002:", "!!")
    return YamlMistake(line, f"the tag {name} is not supported; write the value without it")
