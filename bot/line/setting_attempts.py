"""Settings to start both images with where the old one does not start without any.

They are what the project itself shows: its files, and the variables that its sources read. A secret
gets a worthless value.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.line.setting_sources import VARIABLE_FILE, Group, SettingSources
from bot.model.start_settings import StartSettings
from bot.verify.image_pair import ImagePair
from bot.verify.setting_values import (
    choose_port,
    is_own_address,
    is_port_name,
    is_secret_name,
    make_placeholder,
    replace_secrets,
)
from bot.verify.source_variables import list_read_variables, wants_variable_file

_MAX_NAMES_SHOWN = 3
# What the container's own system needs; no project means its image with these.
_SYSTEM_NAMES = frozenset({"PATH", "HOME", "HOSTNAME", "PWD", "SHELL", "USER", "TERM"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable; `label` is how people see it, `origin` says what names or reads it."""

    name: str
    value: str
    label: str
    origin: str


def list_start_settings(
    pair: ImagePair, sources: SettingSources, output: str
) -> list[StartSettings]:
    """List the settings to try, one after another; none where the project shows none.

    `output` is what the old image said without them.
    """
    own = list_own_names(pair)
    chosen = [x for name, x in list_settings(pair, sources.groups).items() if name not in own]
    attempts = [make_settings(chosen)]
    if wants_file(pair, output):
        attempts.append(make_settings(chosen, has_file=True))
    # A value of an example may stand for a service that is not here, and a port alone may do.
    attempts.append(make_settings(x for x in _list_read(pair) if x.name not in own))
    distinct: dict[tuple[object, ...], StartSettings] = {}
    for attempt in attempts:
        distinct.setdefault((attempt.variables, attempt.file_text), attempt)
    return [x for x in distinct.values() if x.description]


def list_own_names(pair: ImagePair) -> Collection[str]:
    """Return the variables that the image itself sets, and those of its system."""
    return {name for name, value in pair.old.config.env.items() if value} | _SYSTEM_NAMES


def list_settings(
    pair: ImagePair, groups: Iterable[Group], shared: Collection[str] = ()
) -> dict[str, Setting]:
    """Return the variables that sources read and files set, by name; a file's value is preferred.

    Secrets get placeholders, except for those that are in a `shared` text.
    """
    return {x.name: x for x in (*_list_read(pair), *_list_named(groups, shared))}


def _list_named(groups: Iterable[Group], shared: Collection[str]) -> Iterator[Setting]:
    """Yield the variables of the project's files; a later one replaces an earlier one."""
    for path, values in groups:
        safe = replace_secrets(values, shared)
        for name, value in safe.items():
            label = name if value == values[name] else f"{name} (a placeholder)"
            yield Setting(name, value, label, f"of {path}")


def _list_read(pair: ImagePair) -> Iterator[Setting]:
    """Yield values for the ports and secrets that sources read."""
    port = choose_port(pair.old.config)
    for name, reader in list_read_variables(pair.old_app).items():
        origin = f", which {reader} reads"
        if is_port_name(name):
            yield Setting(name, port, f"{name}={port}", origin)
        elif is_own_address(name):
            address = f"http://localhost:{port}"
            yield Setting(name, address, f"{name}={address}", origin)
        elif is_secret_name(name):
            yield Setting(name, make_placeholder(name), f"{name} (a placeholder)", origin)


def wants_file(pair: ImagePair, *outputs: str) -> bool:
    """Return True for a program that loads a file `.env`, which its image does not have."""
    path = f"{pair.old.workdir}/{VARIABLE_FILE}".lstrip("/")
    is_missing = pair.old.paths.resolve(path) is None
    return is_missing and any(wants_variable_file(pair.old_app, output) for output in outputs)


def make_settings(chosen: Iterable[Setting], *, has_file: bool = False) -> StartSettings:
    """Return settings with their description; `has_file` writes them into a file `.env`, too."""
    settings = tuple(chosen)
    variables = tuple((x.name, x.value) for x in settings)
    text = "".join(f"{name}={value}\n" for name, value in variables) if has_file else None
    description = "; ".join(_describe_origin(settings))
    if has_file:
        description = f"{description}; as a file .env, too" if settings else "an empty file .env"
    return StartSettings(variables, text, description)


def _describe_origin(settings: tuple[Setting, ...]) -> Iterator[str]:
    """Yield the names of the settings of each origin, three of them at most."""
    by_origin = sorted(settings, key=lambda setting: setting.origin)
    for origin, group in groupby(by_origin, key=lambda setting: setting.origin):
        labels = [setting.label for setting in group]
        shown = ", ".join(labels[:_MAX_NAMES_SHOWN])
        hidden_count = len(labels) - _MAX_NAMES_SHOWN
        counted = f"{shown} and {hidden_count} more" if hidden_count > 0 else shown
        yield f"{counted}{origin}" if origin.startswith(",") else f"{counted} {origin}"
