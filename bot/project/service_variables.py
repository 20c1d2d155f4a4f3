"""Variables that a compose file gives to the service of a Dockerfile when it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.project.compose_file import resolve_path
from bot.project.compose_values import NO_REFERENCE_VALUES, ReferenceValues
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
_TAGS = frozenset({"!reset", "!override"})


@dataclass(frozen=True, slots=True)
class ServiceVariables:
    """The variables of a service, and the paths of the files in which it has others."""

    service: str
    variables: Mapping[str, str]
    files: tuple[str, ...] = ()


def find_service_variables(
    text: str,
    path: str,
    dockerfile: str,
    context: str,
    values: ReferenceValues = NO_REFERENCE_VALUES,
) -> ServiceVariables | None:
    """Return the variables of the service that builds a Dockerfile; None if there is none.

    All paths are those in the repository; `text` is the compose file at `path`. A variable without
    a value in the file has that of `values`, or is left out.
    """
    folder = path.rpartition("/")[0] or "."
    for name, declared in list_services(text):
        if is_built_from(declared.get("build"), folder, dockerfile, context):
            variables = dict(values.list_variables(drop_tag(declared.get("environment"))))
            files = list_files(drop_tag(declared.get("env_file")), folder)
            return ServiceVariables(name, variables, tuple(files))
    return None


def list_services(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the services of a compose file by name; none of one that cannot be read."""
    try:
        data = read_yaml(text, kept_tags=_TAGS)
    except YamlMistake:
        return
    services = data.get("services") if isinstance(data, Mapping) else None
    for name, declared in services.items() if isinstance(services, Mapping) else ():
        if isinstance(declared, Mapping):
            yield str(name), declared


def is_built_from(build: Any, folder: str, dockerfile: str, context: str) -> bool:
    """Return True if a service's `build`, in a compose file in `folder`, is of a Dockerfile."""
    declared = drop_tag(build)
    if isinstance(declared, str):
        declared = {"context": declared}
    if not isinstance(declared, Mapping) or "dockerfile_inline" in declared:
        return False
    own_context = resolve_path(folder, str(declared.get("context") or "."))
    if own_context is None or own_context != resolve_path(".", context):
        return False
    own_file = resolve_path(own_context, str(declared.get("dockerfile") or "Dockerfile"))
    return own_file == resolve_path(".", dockerfile)


def list_files(declared: Any, folder: str) -> Iterator[str]:
    """Yield the paths of files of variables in the repository."""
    for entry in declared if isinstance(declared, list) else [declared]:
        name = entry.get("path") if isinstance(entry, Mapping) else entry
        path = resolve_path(folder, name) if isinstance(name, str) and "$" not in name else None
        if path is not None:
            yield path


def drop_tag(value: Any) -> Any:
    """Return a value without a tag that says how it is merged."""
    return value.value if isinstance(value, TaggedValue) else value
