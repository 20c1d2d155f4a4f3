"""Values of a compose file with references to variables, such as `${NAME:-default}`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.project.env_file import is_plain_value
from bot.project.yaml_reader import TaggedValue

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# `${NAME:-default}`, `${NAME-default}`, `$NAME`, and `$$`, which stands for one `$`.
_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?::?-(?P<default>[^{}]*))?(?P<other>[^{}]*)\})"
)
# `${NAME:?message}` is a reference that must have a value.
_REQUIRED = re.compile(r":?\?[^{}]*")


@dataclass(frozen=True, slots=True)
class ReferenceValues:
    """The values of references: those of files, then the default, then one that is made up.

    `make_value` returns None for a name whose value cannot be made up.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    make_value: Callable[[str], str | None] = lambda name: None

    def resolve(self, declared: Any) -> str | None:
        """Return a value as a text; None where it is not known."""
        if declared is None or isinstance(declared, TaggedValue | Mapping | list):
            return None
        if isinstance(declared, bool):
            return str(declared).lower()
        text = str(declared)
        matches = list(_REFERENCE.finditer(text))
        values = [self._resolve_match(match) for match in matches]
        if None in values:
            return None
        parts = iter(values)
        value = _REFERENCE.sub(lambda match: next(parts) or "", text)
        return value if is_plain_value(value) else None

    def list_variables(self, environment: Any) -> Iterator[tuple[str, str]]:
        """Yield the variables of an `environment` that have a value."""
        for name, declared in _list_entries(environment):
            # Without a value of its own, a variable has that of who starts the service.
            value = self.resolve(f"${{{name}}}" if declared is None else declared)
            if value is not None and _NAME.fullmatch(name):
                yield name, value

    def _resolve_match(self, match: re.Match[str]) -> str | None:
        if match["dollar"]:
            return "$"
        name = match["plain"] or match["name"]
        if match["other"] and not _REQUIRED.fullmatch(match["other"]):
            return None
        if name in self.named:
            return self.named[name]
        default: str | None = match["default"]
        return self.make_value(name) if default is None else default


def _list_entries(environment: Any) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a mapping, or of a list of `NAME=value`; None for no value."""
    if isinstance(environment, Mapping):
        yield from ((str(name), value) for name, value in environment.items())
    elif isinstance(environment, list):
        for entry in environment:
            name, equals, value = str(entry).partition("=")
            yield name, value if equals else None


NO_REFERENCE_VALUES = ReferenceValues()
