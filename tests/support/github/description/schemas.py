"""Checks one value against one schema in the dialect of OpenAPI 3.0.

That dialect is not JSON Schema (`nullable`, `readOnly`, `discriminator`), so a library which speaks
it does the work: openapi-schema-validator, on top of jsonschema.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30WriteValidator,
    oas30_format_checker,
)
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

_NAME = "description"
_FORMATS = FormatChecker(formats=())
_FORMATS.checkers = dict(oas30_format_checker.checkers)


class Side(Enum):
    """The sender: read-only fields must not be sent, write-only ones not be answered."""

    REQUEST = OAS30WriteValidator
    ANSWER = OAS30ReadValidator


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    """Check `uri`, which the library leaves unchecked; half of GitHub's fields are URLs."""
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and (parts.netloc or parts.path)) and not any(
        letter.isspace() for letter in value
    )


def problems(
    document: Mapping[str, Any], schema: Mapping[str, Any], value: Any, side: Side
) -> Iterator[str]:
    """Yield each problem of a value as a sentence that begins with its location."""
    validator = _validator(side, _Same(document), _Same(schema))
    for error in validator.iter_errors(value):
        yield _describe_error(error)


class _Same:
    """Lets a cache know a dictionary by its identity: schemas are large and never change."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value


@cache
def _registry(document: _Same) -> Registry[Any]:
    resource: Resource[Any] = DRAFT4.create_resource(document.value)
    registry: Registry[Any] = Registry()
    anchored: Registry[Any] = registry.with_resource(_NAME, resource)
    return anchored


@cache
def _validator(side: Side, document: _Same, schema: _Same) -> Validator:
    anchored, registry = _anchor_references(schema.value), _registry(document)
    validator: Validator = side.value(anchored, registry=registry, format_checker=_FORMATS)
    return validator


def with_nulls(node: Any) -> Any:
    """Return the description with every `nullable` allowing null.

    By the letter of OpenAPI 3.0, `nullable` beside an `enum` without null, or beside a bare `oneOf`,
    allows nothing. GitHub writes it so in many places, and answers null there: its recorded payloads
    have `start_side: null`, which is such an `enum`.
    """
    if isinstance(node, list):
        return [with_nulls(child) for child in node]
    if not isinstance(node, dict):
        return node
    copy = {key: with_nulls(child) for key, child in node.items()}
    if copy.get("nullable") is not True:
        return copy
    if "enum" in copy and None not in copy["enum"]:
        copy["enum"] = [*copy["enum"], None]
    return copy if "type" in copy else {"anyOf": [copy, {"enum": [None]}]}


def _anchor_references(node: Any) -> Any:
    """Rewrite references to `#/components/…` so that they resolve from any schema.

    They are in `$ref`, and plain values in the mapping of a `discriminator`.
    """
    if isinstance(node, list):
        return [_anchor_references(child) for child in node]
    if isinstance(node, Mapping):
        return {key: _anchor_references(child) for key, child in node.items()}
    if isinstance(node, str) and node.startswith("#/components/"):
        return _NAME + node
    return node


def _describe_error(error: ValidationError) -> str:
    """Describe the closest branch of a failed `oneOf`, as the error only says "none fits"."""
    nearest = best_match(error.context) if error.context else None
    location = "/".join(str(part) for part in error.absolute_path) or "body"
    shown = error.message if len(error.message) < 300 else error.message[:300] + "…"
    return f"{location}: {shown}" + (f" (nearest: {nearest.message[:200]})" if nearest else "")
