"""Parsers of inputs with many lines: secrets, contexts, hosts, and the commands of a preparation.

No message shows a line, which may be a secret or half of one.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from bot.model.build_cache import BuildCache
from bot.model.spec import Preparation, SecretKind, SecretSource
from bot.project.build_needs import (
    check_repository_secret,
    parse_build_context,
    parse_host,
    parse_secret_file,
    parse_secret_variable,
    validate_secret_id,
)
from bot.project.build_needs import parse_ssh as parse_ssh_entry
from bot.project.cache_forms import parse_file_cache_source, parse_file_cache_target
from bot.project.runner_variables import is_runner_variable

Item = TypeVar("Item")
# docker/build-push-action: an item in quotes may have several lines, and "" is a quote in it.
_ITEM = re.compile(r'[ \t]*"((?:[^"]|"")*)"[ \t]*(?:\n|\Z)|([^\n]*)(?:\n|\Z)')


def check_input_variable(secret: SecretSource) -> SecretSource:
    """Return a secret that is not from a variable of the runner; ValueError for others."""
    if secret.kind is SecretKind.ENVIRONMENT and is_runner_variable(secret.source):
        raise ValueError(
            f"{secret.source} holds a token or an input of the job, which no build gets from a "
            "variable; write the value into the input `secrets` if it is to have it"
        )
    return secret


def split_items(text: str) -> tuple[str, ...]:
    """Return the lines of a text; one in double quotes may go on over several lines."""
    items = (
        (match[1].replace('""', '"') if match[1] is not None else match[2]).strip()
        for match in _ITEM.finditer(text)
    )
    return tuple(item for item in items if item)


def parse_secrets(text: str) -> tuple[SecretSource, ...]:
    """Parse `ID=VALUE` items; an empty value is a secret that is missing."""
    return _parse_items(text, _parse_value)


def parse_secret_files(text: str) -> tuple[SecretSource, ...]:
    """Parse `ID=PATH` items, with paths in the workspace."""
    return _parse_items(text, lambda item: check_repository_secret(parse_secret_file(item)))


def parse_secret_envs(text: str) -> tuple[SecretSource, ...]:
    """Parse `ID=VARIABLE` items; no variable may be one with a token of the runner."""
    return _parse_items(text, lambda item: check_input_variable(parse_secret_variable(item)))


def parse_ssh_keys(text: str) -> tuple[str, ...]:
    """Parse items of `default`, `ID` or `ID=PATH`, with a key in the workspace."""
    return _parse_items(text, parse_ssh_entry)


def parse_add_hosts(text: str) -> tuple[str, ...]:
    """Parse `HOST:IP` items, separated by newlines or commas, to `HOST=IP`."""
    # docker/build-push-action separates hosts by commas, too.
    return _parse_items(text.replace(",", "\n"), parse_host)


def parse_cache_sources(text: str) -> tuple[BuildCache, ...]:
    """Parse caches to read, one a line, with folders in the workspace."""
    return _parse_items(text, parse_file_cache_source)


def parse_cache_targets(text: str) -> tuple[BuildCache, ...]:
    """Parse caches to write, one a line, with folders in the workspace."""
    return _parse_items(text, parse_file_cache_target)


def parse_build_contexts(text: str) -> dict[str, str]:
    """Parse `NAME=PATH|URL` items, with paths in the repository."""
    return dict(_parse_items(text, parse_build_context))


def parse_preparation(text: str) -> Preparation:
    """Parse a YAML mapping of `image` and `run`; raise ValueError for anything else."""
    # Only here: most commands need no YAML, and its reader takes long to import.
    from bot.project.yaml_nodes import YamlMistake  # noqa: PLC0415
    from bot.project.yaml_reader import read_yaml  # noqa: PLC0415

    try:
        # As text: a command such as `true` is a word and no boolean.
        data = read_yaml(text, frozenset({"run"}))
    except YamlMistake as mistake:
        raise ValueError(f"line {mistake.line}: {mistake.reason}") from mistake
    if not isinstance(data, Mapping) or set(data) != {"image", "run"}:
        raise ValueError("it is not a mapping of `image` and `run`")
    image, commands = data["image"], data["run"]
    if not isinstance(image, str) or not image or re.search(r"\s", image):
        raise ValueError("`image` is not the name of an image")
    commands = [commands] if isinstance(commands, str) else commands
    if not isinstance(commands, list) or not commands or not all(map(_is_command, commands)):
        raise ValueError("`run` is not a list of commands")
    return Preparation(image, tuple(commands))


def _parse_items(text: str, parse: Callable[[str], Item]) -> tuple[Item, ...]:
    parsed = []
    for number, item in enumerate(split_items(text), 1):
        try:
            parsed.append(parse(item))
        except ValueError as problem:
            raise ValueError(f"item {number}: {problem}") from problem
    return tuple(parsed)


def _parse_value(text: str) -> SecretSource:
    identifier, equals, value = text.partition("=")
    if not equals:
        raise ValueError("it is not ID=VALUE")
    return SecretSource(validate_secret_id(identifier), SecretKind.VALUE, value)


def _is_command(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value
