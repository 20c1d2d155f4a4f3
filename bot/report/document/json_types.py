"""The types of a decoded JSON document, shared by all the readers and writers."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
JsonObject = Mapping[str, Any]


def read_integer(number: int | float | None) -> int | None:
    """Return a number as an integer: JSON has one type, and `1.0` is a valid integer in it."""
    return None if number is None else int(number)
