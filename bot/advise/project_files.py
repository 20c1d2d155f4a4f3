"""Files in which a project declares its dependencies, read from the build context."""

import json
import tomllib
from collections.abc import Callable, Mapping

from bot.advise.subject import RuleInput
from bot.dockerfile.shell_calls import Call

_Table = Mapping[str, object]


def may_have_dev_dependencies(rule_input: RuleInput, call: Call) -> bool:
    """Return False if the context shows that a package manager installs no more without options.

    Every file of that kind in the context is looked at: which of them a `RUN` reads is not known.
    """
    name, has_dev_dependencies = _PROJECT_FILES[call.name]
    context = rule_input.context
    paths = [path for path in (context.file_sizes if context else ()) if _is_file(path, name)]
    if context is None or not paths:
        return True
    tables = [_parse(name, context.read_text(path)) for path in paths]
    return any(table is None or has_dev_dependencies(table) for table in tables)


def _is_file(path: str, name: str) -> bool:
    folders, _, file_name = path.rpartition("/")
    return file_name == name and "node_modules" not in folders.split("/")


def _parse(name: str, text: str) -> _Table | None:
    """Return what a file declares; None if it cannot be read."""
    try:
        table = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None


def _read(table: _Table, *keys: str) -> object:
    value: object = table
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _is_node_project_with_dev(table: _Table) -> bool:
    return bool(_read(table, "devDependencies"))


def _is_composer_project_with_dev(table: _Table) -> bool:
    return bool(_read(table, "require-dev"))


def _is_poetry_project_with_groups(table: _Table) -> bool:
    groups = _read(table, "tool", "poetry", "group")
    required = [
        group
        for group in (groups.values() if isinstance(groups, dict) else ())
        if not (isinstance(group, dict) and group.get("optional"))
    ]
    keys = (("tool", "poetry", "dev-dependencies"), ("dependency-groups",))
    return bool(required) or any(_read(table, *names) for names in keys)


def _is_uv_project_with_default_groups(table: _Table) -> bool:
    """Return True if `uv sync` installs a group: `dev`, or what `default-groups` says instead."""
    default = _read(table, "tool", "uv", "default-groups")
    if default == []:
        return False
    if isinstance(default, list | str):
        return True
    return bool(
        _read(table, "dependency-groups", "dev") or _read(table, "tool", "uv", "dev-dependencies")
    )


_PROJECT_FILES: Mapping[str, tuple[str, Callable[[_Table], bool]]] = {
    "npm": ("package.json", _is_node_project_with_dev),
    "pnpm": ("package.json", _is_node_project_with_dev),
    "composer": ("composer.json", _is_composer_project_with_dev),
    "poetry": ("pyproject.toml", _is_poetry_project_with_groups),
    "uv": ("pyproject.toml", _is_uv_project_with_default_groups),
}
