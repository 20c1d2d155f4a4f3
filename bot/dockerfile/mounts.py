"""`RUN --mount=…`: what a command sees that does not stay in the image."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_OPTION_ALIASES = {"dst": "target", "destination": "target", "src": "source", "ro": "readonly"}
_CSV_FIELD = re.compile(r'(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))')


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount, taken apart. `options` has every key, under its long name; one alone is `true`."""

    kind: str
    target: str | None
    source: str | None
    from_name: str | None
    options: Mapping[str, str]


def parse_mount(value: str) -> Mount:
    """The mount of a flag's value: fields between commas, which quotes can protect."""
    fields = (field.partition("=") for field in _split_csv_fields(value))
    options = {
        _OPTION_ALIASES.get(key.lower(), key.lower()): value if equals else "true"
        for key, equals, value in fields
    }
    return Mount(
        kind=options.get("type", "bind").lower(),
        target=options.get("target"),
        source=options.get("source"),
        from_name=options.get("from") or None,
        options=options,
    )


def _split_csv_fields(value: str) -> list[str]:
    found = _CSV_FIELD.findall(value)
    return [quoted.replace('""', '"') or plain for quoted, plain in found if quoted or plain]
