"""Variables that a compose file gives to the service of a Dockerfile when it runs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.project.compose_file import resolve_path
from bot.project.env_file import is_plain_value
from bot.project.yaml_nodes import YamlMistake
from bot.project.yaml_reader import TaggedValue, read_yaml

COMPOSE_NAMES = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "docker-compose.example.yaml",
    "docker-compose.example.yml",
    "compose.example.yaml",
    "compose.example.yml",
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# `${NAME:-default}`, `${NAME-default}`, `$NAME`, and `$$`, which stands for one `$`.
_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?::?-(?P<default>[^{}]*))?(?P<other>[^{}]*)\})"
)
_TAGS = frozenset({"!reset", "!override"})


@dataclass(frozen=True, slots=True)
class ServiceVariables:
    """The variables of a service, and the paths of the files in which it has others."""

    service: str
    variables: Mapping[str, str]
    files: tuple[str, ...] = ()


def find_service_variables(
    text: str, path: str, dockerfile: str, context: str
) -> ServiceVariables | None:
    """Return the variables of the service that builds a Dockerfile; None if there is none.

    All paths are those in the repository; `text` is the compose file at `path`. A variable whose
    value is that of who runs it is left out.
    """
    folder = path.rpartition("/")[0] or "."
    for name, declared in _list_services(text):
        if _is_built_from(declared.get("build"), folder, dockerfile, context):
            variables = dict(_list_variables(_drop_tag(declared.get("environment"))))
            files = _list_files(_drop_tag(declared.get("env_file")), folder)
            return ServiceVariables(name, variables, tuple(files))
    return None


def _list_services(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = read_yaml(text, kept_tags=_TAGS)
    except YamlMistake:
        return
    services = data.get("services") if isinstance(data, Mapping) else None
    for name, declared in services.items() if isinstance(services, Mapping) else ():
        if isinstance(declared, Mapping):
            yield str(name), declared


def _is_built_from(build: Any, folder: str, dockerfile: str, context: str) -> bool:
    declared = _drop_tag(build)
    if isinstance(declared, str):
        declared = {"context": declared}
    if not isinstance(declared, Mapping) or "dockerfile_inline" in declared:
        return False
    own_context = resolve_path(folder, str(declared.get("context") or "."))
    if own_context is None or own_context != resolve_path(".", context):
        return False
    own_file = resolve_path(own_context, str(declared.get("dockerfile") or "Dockerfile"))
    return own_file == resolve_path(".", dockerfile)


def _list_variables(environment: Any) -> Iterator[tuple[str, str]]:
    """Yield the variables that have a value of their own."""
    if isinstance(environment, Mapping):
        entries = [(str(name), value) for name, value in environment.items()]
    elif isinstance(environment, list):
        pairs = [str(entry).partition("=") for entry in environment]
        entries = [(name, value if equals else None) for name, equals, value in pairs]
    else:
        return
    for name, declared in entries:
        value = _resolve_value(declared)
        if value is not None and _NAME.fullmatch(name):
            yield name, value


def _resolve_value(declared: Any) -> str | None:
    """Return a value as a text; None where it is not in the file."""
    if declared is None or isinstance(declared, TaggedValue | Mapping | list):
        return None
    if isinstance(declared, bool):
        return str(declared).lower()
    text = str(declared)
    matches = list(_REFERENCE.finditer(text))
    if any(not x["dollar"] and (x["default"] is None or x["other"]) for x in matches):
        return None
    value = _REFERENCE.sub(lambda match: match["dollar"] or match["default"] or "", text)
    return value if is_plain_value(value) else None


def _list_files(declared: Any, folder: str) -> Iterator[str]:
    """Yield the paths of files of variables in the repository."""
    for entry in declared if isinstance(declared, list) else [declared]:
        name = entry.get("path") if isinstance(entry, Mapping) else entry
        path = resolve_path(folder, name) if isinstance(name, str) and "$" not in name else None
        if path is not None:
            yield path


def _drop_tag(value: Any) -> Any:
    return value.value if isinstance(value, TaggedValue) else value
