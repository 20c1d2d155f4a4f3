"""Documents of images in JSON: the fields that are needed, each of the type that it must have."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.image.layers.streams import STRUCTURE_ERRORS, Unreadable

_TYPE_NAMES = {str: "text", list: "list", dict: "object", bool: "truth value"}

Value = TypeVar("Value", str, bool, list[Any], dict[str, Any])


def parse_json(data: bytes, document_name: str) -> Any:
    """Read a JSON document; raise Unreadable if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"{document_name} is not JSON: {problem}") from problem


def get_field(document: dict[str, Any], key: str, default: Value) -> Value:
    """Return a field that may be missing or null; raise Unreadable if it has another type."""
    value = document.get(key)
    if value is None:
        return default
    if not isinstance(value, type(default)):
        raise Unreadable(f"the field {key!r} is no {_TYPE_NAMES[type(default)]}")
    return value


def get_texts(document: dict[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of texts that may be missing; raise Unreadable if it is something else."""
    values = get_field(document, key, [])
    if not all(isinstance(value, str) for value in values):
        raise Unreadable(f"the field {key!r} is not a list of texts")
    return tuple(values)


@contextmanager
def raising_unreadable(document_name: str) -> Iterator[None]:
    """Turn the errors of missing fields and wrong types in a document into Unreadable."""
    try:
        yield
    except Unreadable as problem:
        raise Unreadable(f"{document_name} is malformed: {problem}") from problem
    except STRUCTURE_ERRORS as problem:
        raise Unreadable(f"{document_name} has an unexpected structure: {problem!r}") from problem
