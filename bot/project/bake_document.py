"""The JSON of `docker buildx bake --print`, of any version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.model.named_contexts import TARGET_PREFIX
from bot.project.compose_file import BuildFileMistake

# What a build asks of the machine: a pull request cannot give it to itself.
_MACHINE_KEYS = ("network", "extra-hosts", "entitlements", "ulimits", "shm-size")
# How a compose file names another service as a context (`additional_contexts`).
_SERVICE_PREFIX = "service:"


@dataclass(frozen=True, slots=True)
class BakeTarget:
    """A target of a bake file or a service of a compose file; paths are as they are written.

    `machine_options` are the names of options that only the caller or the base may give a build.
    """

    name: str
    context: str = "."
    dockerfile: str = "Dockerfile"
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    is_inline: bool = False
    machine_options: tuple[str, ...] = ()


def parse_bake_document(text: bytes) -> tuple[BakeTarget, ...]:
    """Return the targets of the JSON, by name; raise BuildFileMistake for other texts."""
    try:
        targets = json.loads(text)["target"]
        return tuple(_parse_target(name, targets[name]) for name in sorted(targets or {}))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        reason = "docker buildx bake --print printed something else than its targets"
        raise BuildFileMistake(reason) from problem


def _parse_target(name: str, data: Mapping[str, Any]) -> BakeTarget:
    return BakeTarget(
        name=name,
        context=str(data.get("context") or "."),
        dockerfile=str(data.get("dockerfile") or "Dockerfile"),
        target=str(data["target"]) if data.get("target") else None,
        # Bake gives a build no argument that is null (bake.go: toBuildOpt).
        args={key: str(value) for key, value in _get_items(data, "args") if value is not None},
        contexts={key: _name_target(str(value)) for key, value in _get_items(data, "contexts")},
        platforms=tuple(str(platform) for platform in data.get("platforms") or ()),
        tags=tuple(str(tag) for tag in data.get("tags") or ()),
        is_inline=data.get("dockerfile-inline") is not None,
        machine_options=tuple(key for key in _MACHINE_KEYS if data.get(key)),
    )


def _get_items(data: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    return sorted((data.get(key) or {}).items())


def _name_target(context: str) -> str:
    """Return a context in the words of bake, which compose's own are not in older versions.

    Bake has no dots in the names of targets.
    """
    if not context.startswith(_SERVICE_PREFIX):
        return context
    return TARGET_PREFIX + context.removeprefix(_SERVICE_PREFIX).replace(".", "_")
