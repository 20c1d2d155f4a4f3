"""The fields of a JSON object that somebody else wrote, each with its type and its bounds."""

import re
from collections.abc import Mapping
from typing import Any, cast

MAX_BYTES = 2**53 - 1  # no larger than a double holds exactly
MAX_LINE = 2**31 - 1
_MAX_CHARACTERS = 2_000


class JsonFields:
    """The fields of an object, each read with its type and its bounds; ValueError otherwise."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def read_integer(self, name: str, least: int, most: int) -> int:
        """Return a whole number between bounds; JSON has one type, and `1.0` is one, too."""
        value = self._document.get(name)
        is_whole = isinstance(value, float) and value.is_integer()
        if isinstance(value, bool) or not (isinstance(value, int) or is_whole):
            raise ValueError(f"{name} is not a whole number")
        number = int(cast("float", value))
        if not least <= number <= most:
            raise ValueError(f"{name} is not between {least} and {most}")
        return number

    def read_size(self, name: str) -> int:
        """Return a number of bytes."""
        return self.read_integer(name, 0, MAX_BYTES)

    def read_optional_line(self, name: str) -> int | None:
        """Return a line, counted from 1; None for null."""
        is_null = name in self._document and self._document[name] is None
        return None if is_null else self.read_integer(name, 1, MAX_LINE)

    def read_text(self, name: str) -> str:
        """Return a text of a bounded length."""
        value = self._document.get(name)
        if not isinstance(value, str) or len(value) > _MAX_CHARACTERS:
            raise ValueError(f"{name} is not a text of at most {_MAX_CHARACTERS:,} characters")
        return value

    def read_optional_text(self, name: str) -> str | None:
        """Return a text of a bounded length; None for null."""
        is_null = name in self._document and self._document[name] is None
        return None if is_null else self.read_text(name)

    def read_match(self, name: str, pattern: re.Pattern[str]) -> str:
        """Return a text of a form."""
        value = self.read_text(name)
        if not pattern.fullmatch(value):
            raise ValueError(f"{name} does not have its form")
        return value

    def read_boolean(self, name: str) -> bool:
        """Return true or false."""
        value = self._document.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"{name} is not true or false")
        return value

    def read_number(self, name: str) -> float:
        """Return a number."""
        value = self._document.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} is not a number")
        return float(value)

    def read_optional_object(self, name: str) -> "JsonFields | None":
        """Return the fields of an object in this one; None if it is missing."""
        value = self._document.get(name)
        if value is not None and not isinstance(value, dict):
            raise ValueError(f"{name} is not an object")
        return None if value is None else JsonFields(value)

    def read_list(self, name: str, most: int) -> list[Any]:
        """Return a list."""
        items = self._document.get(name)
        if not isinstance(items, list) or len(items) > most:
            raise ValueError(f"{name} is not a list of at most {most:,} items")
        return items

    def list_items(self, name: str, most: int) -> list["JsonFields"]:
        """Return the objects of a list."""
        items = self.read_list(name, most)
        if not all(isinstance(item, dict) for item in items):
            raise ValueError(f"{name} has something else than objects")
        return [JsonFields(item) for item in items]
