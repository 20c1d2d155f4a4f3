"""The configuration file, parsed to a `ProjectConfig` or to a list of all its mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from bot.doc_links import doc_url
from bot.errors import InputError
from bot.model.sizes import format_count, parse_size
from bot.model.spec import Budget, ImageSpec
from bot.project.config_schema import read_config_schema
from bot.project.history_place import HistoryPlace, parse_history
from bot.project.image_entries import (
    ImageDefaults,
    make_budget,
    name_entry,
    read_defaults,
    read_images,
)
from bot.project.misplaced_keys import explain_unknown_key
from bot.project.option_values import AUTO, validate_path
from bot.project.useless_file_warnings import find_useless_warnings_in_file
from bot.project.value_formats import FORMATS
from bot.project.yaml_nodes import YamlMistake, shorten
from bot.project.yaml_reader import find_line, read_yaml

if TYPE_CHECKING:  # a repository without a file need not wait for it
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

DEFAULT_CONFIG_PATH = ".github/image-size.yml"
CONFIG_PATHS = (DEFAULT_CONFIG_PATH, ".github/image-size.yaml")
# Versions are written without quotes: `GO: 1.20` means that text, and not the number 1.2.
_TEXT_KEYS = frozenset({"build-args"})
# The booleans of YAML 1.1 that are texts in YAML 1.2: yaml.org/type/bool.html.
_OTHER_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "y", "true"), True),
    **dict.fromkeys(("no", "off", "n", "false"), False),
}
# A hostile file has a mistake in each of 50,000 values; nobody reads more than a screen of them.
_MAX_MISTAKES = 50
DEFAULT_APPROVE_LABEL = "image-size-approved"
DEFAULT_COMMENT = "changes"
DEFAULT_COMMENT_THRESHOLD = 100_000  # bytes


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """The content of the file.

    `images` are those that it lists, None without a list, each completed with the `defaults`.
    `exclude` is None for the usual patterns, `compose` and `bake` for the files with the usual
    names, and `builder` for the builder of buildx that is in use.
    """

    images: tuple[ImageSpec, ...] | None = None
    defaults: ImageDefaults = ImageDefaults()
    discovers: bool = True
    exclude: tuple[str, ...] | None = None
    compose: tuple[str, ...] | None = None
    bake: tuple[str, ...] | None = None
    builder: str | None = None
    comment: str = DEFAULT_COMMENT
    comment_threshold: int = DEFAULT_COMMENT_THRESHOLD
    approve_label: str = DEFAULT_APPROVE_LABEL
    commit_status: str | None = None
    history: HistoryPlace | None = None

    @property
    def budget(self) -> Budget:
        """The budget of all images: `budget`, and what `defaults` says otherwise."""
        return self.defaults.spec.budget


def parse_config(text: str, source: str) -> ProjectConfig:
    """Parse a configuration file.

    Raises InputError with every mistake and its line, so that one edit fixes them all.
    """
    data = _load_yaml(text, source)
    # The validator is lazy: what is beyond the limit is not even looked for.
    mistakes = sorted(islice(_find_mistakes(data), _MAX_MISTAKES))
    if mistakes:
        lines = "\n".join(f"  {source}:{line}: {shorten(text)}" for line, text in mistakes)
        count = _format_mistake_count(len(mistakes))
        raise InputError(
            f"The configuration file has {count}:\n{lines}",
            fix=f"fix the lines above; every key is shown at {doc_url('configuration')}",
        )
    return _make_config(data)


def _format_mistake_count(count: int) -> str:
    if count == _MAX_MISTAKES:
        return f"{count} mistakes or more"
    return format_count(count, "mistake")


def _load_yaml(text: str, source: str) -> Any:
    try:
        data = read_yaml(text, _TEXT_KEYS)
    except YamlMistake as mistake:
        reason = f"{source}:{mistake.line}: {mistake.reason}"
        fix = "fix the file at that line"
        raise InputError("The configuration file is not YAML.", reason, fix) from mistake
    return {} if data is None else data


def _make_config(data: Mapping[str, Any]) -> ProjectConfig:
    own = data.get("budget", {})
    budget = replace(make_budget(own, Budget()), common=frozenset(own))
    defaults = read_defaults(data.get("defaults", {}), budget)
    images = data.get("images")
    return ProjectConfig(
        images=None if images is None else tuple(_read_all(images, defaults)),
        defaults=defaults,
        discovers=data.get("discover", True),
        exclude=tuple(data["exclude"]) if "exclude" in data else None,
        compose=_read_files(data.get("compose", AUTO)),
        bake=_read_files(data.get("bake", AUTO)),
        builder=data.get("builder"),
        comment=data.get("comment", DEFAULT_COMMENT),
        comment_threshold=parse_size(str(data.get("comment-threshold", DEFAULT_COMMENT_THRESHOLD))),
        approve_label=data.get("approve", {}).get("label", DEFAULT_APPROVE_LABEL),
        commit_status=data.get("commit-status"),
        history=parse_history(data["history"]) if "history" in data else None,
    )


def _read_all(images: list[Mapping[str, Any]], defaults: ImageDefaults) -> Iterator[ImageSpec]:
    for image in images:
        yield from read_images(image, defaults)


def _read_files(value: list[str] | str) -> tuple[str, ...] | None:
    return None if isinstance(value, str) else tuple(map(validate_path, value))


def _find_mistakes(data: Any) -> Iterator[tuple[int, str]]:
    for error in _make_validator().iter_errors(data):
        yield from _explain_error(error, data)
    names: set[str] = set()
    for position, image in _list_image_entries(data):
        name = _find_name(image)
        if name in names:
            yield find_line(data, ["images", position]), _explain_second(image, name)
        names |= {name} if name else set()
    for path, reason in find_useless_warnings_in_file(data):
        yield find_line(data, path), f"{'.'.join(map(str, path))}: {reason}"


def _list_image_entries(data: Any) -> list[tuple[int, Mapping[str, Any]]]:
    images = data.get("images") if isinstance(data, Mapping) else None
    entries = enumerate(images if isinstance(images, list) else ())
    return [(position, x) for position, x in entries if isinstance(x, Mapping)]


def _find_name(image: Mapping[str, Any]) -> str:
    """Return the name of an entry; empty if it has none, which is a mistake of its own."""
    try:
        return name_entry(image)
    except (KeyError, TypeError, ValueError):
        return ""


def _explain_second(image: Mapping[str, Any], name: str) -> str:
    hint = "" if "name" in image else "; give one of them a `name`"
    return f"a second image is named {name!r}{hint}"


def _explain_error(error: ValidationError, data: Any) -> Iterator[tuple[int, str]]:
    """Yield the line and a plain message for a validation error."""
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known_keys = list(cast("Mapping[str, Any]", error.schema)["properties"])
        for key in cast("Mapping[str, Any]", error.instance):
            if key not in known_keys:
                hint = explain_unknown_key(str(key), known_keys, _read_definitions())
                yield find_line(data, [*path, key]), f"unknown key {key!r}{hint}"
        return
    prefix = f"{'.'.join(map(str, path))}: " if path else ""
    yield find_line(data, path), f"{prefix}{_explain_value(error)}"


def _explain_value(error: ValidationError) -> str:
    """Return what is wrong with a value, with a hint where quotes are missing."""
    if error.validator == "type" and error.validator_value == "boolean":
        return f"{error.message}; write true or false{_translate_boolean(error.instance)}"
    if error.validator == "type" and "string" in str(error.validator_value):
        if error.instance is None:
            return 'it has no value; write "" for an empty text'
        if isinstance(error.instance, bool | int | float):
            return f"{error.message}; put quotes around a text that YAML reads as another value"
    if error.validator == "type" and error.validator_value == "object":
        return f"it must have keys with values, such as {_show_mapping(error.instance)}"
    return str(error.cause or error.message)


def _show_mapping(value: object) -> str:
    """Return a list of texts such as `A=1` as a mapping of one line, as it is to be written."""
    items = value if isinstance(value, list) else []
    pairs = [item.partition("=") for item in items if isinstance(item, str) and "=" in item]
    shown = [(key, text) for key, _, text in pairs] or [("KEY", "value")]
    return f"{{{', '.join(f'{key}: {json.dumps(text)}' for key, text in shown)}}}"


def _translate_boolean(value: object) -> str:
    """Return what a word means that YAML 1.1 takes for a boolean, and YAML 1.2 for a text."""
    word = str(value).lower()
    if word in _OTHER_BOOLEANS:
        meaning = str(_OTHER_BOOLEANS[word]).lower()
        return f": {value!r} is a text in YAML 1.2, and {meaning} is what it was in YAML 1.1"
    return ""


def _read_definitions() -> Mapping[str, Any]:
    schema = json.loads(read_config_schema())
    return {**schema["$defs"], "file": schema}


@cache
def _make_validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator, FormatChecker

    schema = json.loads(read_config_schema())
    # Without the formats of jsonschema: which of those it knows depends on what else is installed.
    checker = FormatChecker(formats=())
    for name, check in FORMATS.items():
        checker.checks(name, raises=ValueError)(_check_strings_only(check))
    return Draft202012Validator(schema, format_checker=checker)


def _check_strings_only(check: Callable[[str], object]) -> Callable[[object], bool]:
    """Apply a format to strings alone; the schema's `type` checks everything else."""

    def checked(value: object) -> bool:
        if isinstance(value, str):
            check(value)
        return True

    return checked
