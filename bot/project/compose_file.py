"""Compose files, reduced to what says how images are built.

`docker buildx bake` reads what is left. The rest could fail for reasons that no build has (a file
of variables that git ignores, a key that this buildx does not know yet), and could name files of
the machine, which nothing of a pull request may read.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from bot.project.required_variables import (
    drop_required,
    list_arguments_without_value,
    requires_variable,
)
from bot.project.yaml_nodes import YamlMistake
from bot.project.yaml_reader import TaggedValue, read_yaml

# How a later file changes what an earlier one says.
_MERGE_TAGS = frozenset({"!reset", "!override"})
# The environment of a service gives build arguments without a value theirs.
# `image` is the tag of what a service builds, by which other images may name it as their base.
_SERVICE_KEYS = ("image", "build", "extends", "environment")
_BUILD_KEYS = (
    "context",
    "dockerfile",
    "dockerfile_inline",
    "args",
    "target",
    "platforms",
    "tags",
    "additional_contexts",
    "x-bake",
)
_BAKE_KEYS = ("tags", "platforms", "contexts")
# What a build asks of the machine, or of who runs it: a pull request cannot give it to itself.
_UNUSED_KEYS = (
    "network",
    "extra_hosts",
    "secrets",
    "ssh",
    "privileged",
    "entitlements",
    "shm_size",
    "ulimits",
    "isolation",
    "cache_from",
    "cache_to",
)


class BuildFileMistake(Exception):
    """A compose or bake file that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """The part of a compose file that builds need, as JSON, which is YAML.

    `compose_files` and `variable_files` are the paths in the repository that it reads besides.
    `unused_keys` has the keys of builds that are not used, by services.
    """

    content: bytes
    has_builds: bool
    compose_files: tuple[str, ...] = ()
    variable_files: tuple[str, ...] = ()
    unused_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def reduce_compose_file(text: str, path: str) -> ComposeFile:
    """Return the part of a compose file that builds need; raise BuildFileMistake for others.

    `path` is that of the file in the repository.
    """
    data = _read_document(text)
    folder = str(PurePosixPath(path).parent)
    services = {
        name: service
        for name, declared in _get_mapping(data, "services").items()
        if (service := _map_tagged(declared, _reduce_service))
    }
    includes = [_read_include(entry) for entry in _as_list(data.get("include"))]
    paths = [path for include in includes for path in include["path"]]
    extended = [*_list_extended_files(services), *paths]
    variables = [name for include in includes for name in include.get("env_file", ())]
    for include in includes:
        # Checked only: what is included is read relative to it, so it must not lead out either.
        project_folder = include.get("project_directory")
        _resolve_all([project_folder] if project_folder else [], folder)
    content = {"services": services, **({"include": includes} if includes else {})}
    return ComposeFile(
        _encode(content).encode(),
        bool(includes) or any(map(_has_build, services.values())),
        _resolve_all(extended, folder),
        _resolve_all(variables, folder),
        _list_unused_keys(_get_mapping(data, "services")),
    )


def _read_document(text: str) -> Mapping[str, Any]:
    try:
        data = read_yaml(text, kept_tags=_MERGE_TAGS)
    except YamlMistake as mistake:
        raise BuildFileMistake(f"line {mistake.line}: {mistake.reason}") from mistake
    if not isinstance(data, Mapping):
        raise BuildFileMistake("it is not a mapping")
    for key in ("services", "include"):
        if isinstance(data.get(key), TaggedValue):
            raise BuildFileMistake(f"the tag {data[key].tag} of {key} is not supported")
    return data


def resolve_path(folder: str, path: str) -> str | None:
    """Return a path relative to a folder of the repository; None if it leads out of it."""
    # compose-go makes a home folder of `~` (paths/home.go), and knows paths of Windows.
    if path.startswith(("/", "~")) or "\0" in path or "\\" in path:
        return None
    names: list[str] = []
    for name in (*PurePosixPath(folder).parts, *PurePosixPath(path).parts):
        if name == ".." and not names:
            return None
        if name == "..":
            names.pop()
        else:
            names.append(name)
    return "/".join(names) or "."


def _resolve_all(paths: list[str], folder: str) -> tuple[str, ...]:
    """Return paths in the repository; raise BuildFileMistake for all others.

    One with a variable leads where its value says, which may be anywhere.
    """
    resolved = []
    for path in paths:
        target = None if "$" in path or "://" in path else resolve_path(folder, path)
        if target is None:
            reason = f"it reads {path!r}, which has a variable or is not in the repository"
            raise BuildFileMistake(reason)
        resolved.append(target)
    return tuple(resolved)


def _list_unused_keys(services: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """Return the keys of builds that are left out, by the names that bake has for services."""
    unused = {}
    for name, declared in services.items():
        service = _drop_tag(declared)
        build = _drop_tag(service.get("build")) if isinstance(service, Mapping) else None
        settings = build if isinstance(build, Mapping) else {}
        if keys := tuple(key for key in _UNUSED_KEYS if _drop_tag(settings.get(key))):
            # As buildx does (sanitizeTargetName), since a target's name cannot have a dot.
            unused[name.replace(".", "_")] = keys
    return unused


def _has_build(service: Any) -> bool:
    declared = _drop_tag(service)
    # What a service extends may have the build.
    return "build" in declared or "extends" in declared


def _drop_tag(value: Any) -> Any:
    return value.value if isinstance(value, TaggedValue) else value


def _map_tagged(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value that is changed within its tag, if it has one."""
    if isinstance(value, TaggedValue):
        return replace(value, value=change(value.value))
    return change(value)


def _encode(value: Any) -> str:
    """Return a value as JSON, but for the tags, which are YAML."""
    if isinstance(value, TaggedValue):
        return f"{value.tag} {_encode(value.value)}"
    if isinstance(value, Mapping):
        items = (f"{json.dumps(key)}: {_encode(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_encode, value))}]"
    return json.dumps(value)


def _reduce_service(declared: Any) -> dict[str, Any]:
    """Return the part of a service that its build needs; empty if it says nothing of an image."""
    if not isinstance(declared, Mapping):
        return {}
    service = {key: declared[key] for key in _SERVICE_KEYS if declared.get(key) is not None}
    _check_extended(service.get("extends"))
    # Bake refuses the whole file for it, and an image name is not needed to build.
    if requires_variable(service.get("image")):
        del service["image"]
    # The arguments of what it extends may be elsewhere.
    if "environment" in service and "extends" not in service:
        arguments = list_arguments_without_value(_drop_tag(service.get("build")))
        service["environment"] = _map_tagged(
            service["environment"], lambda value: drop_required(value, arguments)
        )
    if "build" in service:
        service["build"] = _map_tagged(service["build"], _reduce_build)
    return service if service.keys() - {"environment"} else {}


def _check_extended(extended: Any) -> None:
    """Raise BuildFileMistake for a tag that would hide a file from those that are looked at."""
    values = extended.values() if isinstance(extended, Mapping) else [extended]
    for value in values:
        if isinstance(value, TaggedValue) and value.value is not None:
            raise BuildFileMistake(f"the tag {value.tag} of extends is not supported")


def _reduce_build(declared: Any) -> Any:
    if not isinstance(declared, Mapping):
        return declared
    build = {key: declared[key] for key in _BUILD_KEYS if declared.get(key) is not None}
    extension = _drop_tag(build.pop("x-bake", None))
    if not isinstance(extension, Mapping | None):
        raise BuildFileMistake("a value of x-bake is not a mapping")
    bake = {key: extension[key] for key in _BAKE_KEYS if key in extension} if extension else {}
    # Buildx before 0.14 knows the platforms of its own extension alone.
    if platforms := _unite_platforms(build.pop("platforms", None), bake.get("platforms")):
        bake["platforms"] = platforms
    return {**build, **({"x-bake": bake} if bake else {})}


def _unite_platforms(listed: Any, extended: Any) -> Any:
    """Return the platforms of a build and of `x-bake`, both of which buildx builds."""
    if isinstance(listed, list) and isinstance(extended, list):
        return [*listed, *(platform for platform in extended if platform not in listed)]
    return extended or listed


def _list_extended_files(services: Mapping[str, Any]) -> Iterator[str]:
    for service in services.values():
        extended = _drop_tag(service).get("extends")
        if isinstance(extended, Mapping) and "file" in extended:
            yield str(extended["file"])


def _read_include(entry: Any) -> dict[str, Any]:
    """Return an entry of `include` in its long form, with lists of files."""
    long = entry if isinstance(entry, Mapping) else {"path": entry}
    include: dict[str, Any] = {"path": [str(path) for path in _as_list(long.get("path"))]}
    if long.get("project_directory") is not None:
        include["project_directory"] = str(long["project_directory"])
    if long.get("env_file") is not None:
        include["env_file"] = [str(path) for path in _as_list(long["env_file"])]
    return include


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _get_mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
