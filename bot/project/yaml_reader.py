"""YAML of the configuration file, read to plain values that know their lines.

A subset without surprises: what is written without quotes is a number only in plain decimal digits,
`true` or `false`, or nothing at all; everything else is the text that stands there. So there are no
dates, no octal numbers and no infinity. The file may be anybody's: the values behind aliases are
bounded, too, and each mistake has its line.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.project.yaml_nodes import (
    MAX_DEPTH,
    MAX_VALUES,
    YamlMistake,
    YamlNode,
    compose_nodes,
)

# A convention of YAML 1.1 (yaml.org/type/merge.html) that compose files use much.
_MERGE_KEY = "<<"
# Nulls and booleans of the core schema: YAML 1.2.2, 10.3.2.
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Not 010, which is eight in YAML 1.1 and ten in YAML 1.2; 18 digits fit into 64 bits.
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}\.\d{1,15}", re.ASCII)


class LocatedMapping(dict[str, Any]):
    """A mapping that knows the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class LocatedSequence(list[Any]):
    """A list that knows the line of each item."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class TaggedValue:
    """A value with a tag of the caller's, such as `!reset`."""

    tag: str
    value: Any


def read_yaml(text: str, text_keys: Container[str] = (), kept_tags: Container[str] = ()) -> Any:
    """Return the value of a YAML document, None if it is empty; raise YamlMistake.

    Below `text_keys` every scalar is the text that stands in the file, None where there is none.
    A value with one of the `kept_tags` is a `TaggedValue`.
    """
    root = compose_nodes(text, kept_tags)
    return None if root is None else _Constructor(text_keys).construct(root)


def find_line(data: Any, path: Sequence[Any]) -> int:
    """Return the line of the key or item at `path`, as far as it leads; counted from 1."""
    line = 1
    for step in path:
        try:
            line, data = data.lines[step], data[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


@dataclass
class _Constructor:
    """Makes values of nodes; a node behind an alias is made again wherever it is used."""

    text_keys: Container[str]
    _count: int = field(default=0, init=False)

    def construct(self, node: YamlNode, depth: int = 0, *, as_text: bool = False) -> Any:
        """Return the value of a node; with `as_text` its scalars are not interpreted."""
        value = self._construct_value(node, depth, as_text=as_text)
        return TaggedValue(node.tag, value) if node.tag else value

    def _construct_value(self, node: YamlNode, depth: int, *, as_text: bool) -> Any:
        self._count += 1
        if self._count > MAX_VALUES or depth > MAX_DEPTH:
            reason = f"aliases make more than {MAX_VALUES:,} values of it, or nest it too deep"
            raise YamlMistake(node.line, reason)
        if node.children is None:
            return _interpret(node, as_text=as_text)
        if node.is_mapping:
            return self._construct_mapping(node.children, depth, as_text=as_text)
        values = LocatedSequence()
        for item in node.children:
            values.append(self.construct(item, depth + 1, as_text=as_text))
            values.lines.append(item.line)
        return values

    def _construct_mapping(
        self, children: Sequence[YamlNode], depth: int, *, as_text: bool
    ) -> LocatedMapping:
        values, merged = LocatedMapping(), LocatedMapping()
        for key, value in zip(children[::2], children[1::2], strict=True):
            # In quotes it is a key like any other.
            if key.can_be_other and key.text == _MERGE_KEY:
                self._merge(merged, value, depth, as_text=as_text)
                continue
            if key.text in values:
                raise YamlMistake(key.line, f"the key {key.text!r} appears twice")
            is_text = as_text or key.text in self.text_keys
            values[key.text] = self.construct(value, depth + 1, as_text=is_text)
            values.lines[key.text] = key.line
        _add_missing(values, merged)
        return values

    def _merge(self, merged: LocatedMapping, node: YamlNode, depth: int, *, as_text: bool) -> None:
        """Add the mappings of a merge key (YAML 1.1); of two with one key the first counts."""
        is_list = node.children is not None and not node.is_mapping
        for source in (node.children or ()) if is_list else (node,):
            if not source.is_mapping:
                raise YamlMistake(source.line, f"{_MERGE_KEY} takes mappings only")
            _add_missing(merged, self._construct_value(source, depth + 1, as_text=as_text))


def _add_missing(values: LocatedMapping, others: LocatedMapping) -> None:
    for key, value in others.items():
        if key not in values:
            values[key], values.lines[key] = value, others.lines[key]


def _interpret(node: YamlNode, *, as_text: bool) -> str | int | float | bool | None:
    text = node.text
    if not node.can_be_other:
        return text
    if text in _NULLS:
        return None
    if as_text:
        return text
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
