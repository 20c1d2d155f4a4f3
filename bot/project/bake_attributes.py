"""Attributes of targets of bake files that no review gives them, found in the text of the files.

Bake itself is not asked for it: it opens the files that secrets name.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_UNUSED_KEYS = ("secret", "ssh", "cache-from", "cache-to")
_PARENTS, _MATRIX = "inherits", "matrix"
# The beginning of a target, an attribute (with its list, if it is one of plain texts), and what
# must not be taken for either: texts, heredocs, comments, and the braces of all other blocks.
_TOKEN = re.compile(
    r"""(?P<target>\btarget\s+"(?P<name>[^"\n]+)"\s*\{)
    |(?P<key>[\w-]+)[ \t]*=(?!=)\s*(?:\[(?P<list>(?:\s*"[^"\n]*"\s*,?)*\s*)\])?
    |"(?:\\.|[^"\\\n])*"
    |<<[-~]?(?P<mark>\w+)\n.*?\n[ \t]*(?P=mark)\b
    |\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)
    |(?P<brace>[{}])""",
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r'"([^"\n]*)"')


@dataclass(frozen=True, slots=True)
class _TargetBlock:
    """A target of a file; None stands for parents, or names, that only bake can tell."""

    keys: tuple[str, ...]
    parents: tuple[str | None, ...] = ()
    has_matrix: bool = False


def find_unused_keys(texts: Iterable[str], names: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the keys that no build is given, by the names of targets that have any.

    Targets inherit them. Of what only bake can tell, all that may be meant counts.
    """
    blocks: dict[str, list[_TargetBlock]] = {}
    for text in texts:
        for name, block in _read_json(text) or _read_hcl(text):
            blocks.setdefault(name, []).append(block)
    keys_by_name = {name: _collect(name, blocks) for name in names}
    return {name: keys for name, keys in keys_by_name.items() if keys}


def _collect(name: str, blocks: Mapping[str, Sequence[_TargetBlock]]) -> tuple[str, ...]:
    keys: set[str] = set()
    followed: set[str | None] = set()
    # A matrix makes targets with names of their own.
    pending: list[str | None] = [name] if name in blocks else _list_matrices(blocks)
    while pending:
        current = pending.pop()
        if current in followed:
            continue
        followed.add(current)
        # A parent such as "${BASE}" may be any target, so its attributes may be those of any.
        if current is None:
            pending += blocks
        for block in blocks.get(current or "", ()):
            keys.update(block.keys)
            pending += block.parents
    return tuple(key for key in _UNUSED_KEYS if key in keys)


def _list_matrices(blocks: Mapping[str, Sequence[_TargetBlock]]) -> list[str | None]:
    return [name for name, same in blocks.items() if any(block.has_matrix for block in same)]


def _read_json(text: str) -> list[tuple[str, _TargetBlock]]:
    """Return the targets of a bake file in JSON; none for another text."""
    try:
        targets = json.loads(text)["target"]
        return [(str(name), _read_settings(targets[name])) for name in targets]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _read_settings(settings: Mapping[str, Any]) -> _TargetBlock:
    parents = settings.get(_PARENTS) or []
    # Parents that are no list are an expression of HCL as JSON has it, in a text.
    names = [str(parent) for parent in parents] if isinstance(parents, list) else ["${"]
    keys = tuple(key for key in _UNUSED_KEYS if settings.get(key))
    return _TargetBlock(keys, tuple(map(_as_literal, names)), bool(settings.get(_MATRIX)))


def _read_hcl(text: str) -> list[tuple[str, _TargetBlock]]:
    """Return the targets of a bake file in HCL, by their braces."""
    blocks: list[tuple[str, _TargetBlock]] = []
    name, depth = "", 0
    attributes: dict[str, str | None] = {}
    for token in _TOKEN.finditer(text):
        if token["target"] and depth == 0:
            name, depth, attributes = token["name"], 1, {}
        # A deeper key belongs to a value in braces, such as `args`, and not to the target.
        elif token["key"] and name and depth == 1:
            attributes[token["key"]] = token["list"]
        elif token["target"] or token["brace"]:
            depth += -1 if token["brace"] == "}" else 1
            if depth == 0 and name:
                blocks.append((name, _make_block(attributes)))
                name = ""
    return blocks


def _make_block(attributes: Mapping[str, str | None]) -> _TargetBlock:
    """Return a block with attributes: the text in brackets, or None for another value."""

    def is_empty(key: str) -> bool:
        value = attributes[key]
        return value is not None and not value.strip()

    keys = tuple(key for key in _UNUSED_KEYS if key in attributes and not is_empty(key))
    listed = attributes.get(_PARENTS, "")
    parents = [None] if listed is None else map(_as_literal, _TEXT.findall(listed))
    return _TargetBlock(keys, tuple(parents), _MATRIX in attributes)


def _as_literal(name: str) -> str | None:
    return None if "${" in name or "%{" in name else name
