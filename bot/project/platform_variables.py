"""Variables that files for hosts of applications set: Heroku's app.json, render.yaml of Render."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.project.env_file import is_plain_value
from bot.project.yaml_nodes import YamlMistake
from bot.project.yaml_reader import read_yaml


def parse_app_json(text: str) -> Mapping[str, str]:
    """Return the variables of an app.json that have a value."""
    try:
        variables = json.loads(text)["env"].items()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    values = (
        (name, entry.get("value") if isinstance(entry, dict) else entry)
        for name, entry in variables
    )
    return dict(_select_plain(values))


def parse_render_yaml(text: str) -> Mapping[str, str]:
    """Return the variables of the services of a render.yaml that have a value."""
    try:
        data = read_yaml(text)
    except YamlMistake:
        return {}
    entries = (
        (entry.get("key"), entry.get("value"))
        for service in _list_mappings(data, "services")
        for entry in _list_mappings(service, "envVars")
    )
    return dict(_select_plain(entries))


# The reader of each file, by the file's name.
PLATFORM_FILES: Mapping[str, Callable[[str], Mapping[str, str]]] = {
    "app.json": parse_app_json,
    "render.yaml": parse_render_yaml,
}


def _list_mappings(data: Any, key: str) -> Iterator[Mapping[str, Any]]:
    entries = data.get(key) if isinstance(data, Mapping) else None
    yield from (x for x in entries if isinstance(x, Mapping)) if isinstance(entries, list) else ()


def _select_plain(entries: Iterator[tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    for name, value in entries:
        if not isinstance(name, str) or not name.isidentifier():
            continue
        if isinstance(value, bool):
            yield name, str(value).lower()
        elif isinstance(value, str | int | float) and is_plain_value(str(value)):
            yield name, str(value)
