"""The plan of a rewrite: what the build stage gets, what the last stage stands on, has and says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.model.container_config import Settings
from bot.rewrite.build_facts import Ground, World
from bot.rewrite.called_programs import owners_of_called
from bot.rewrite.copy_plan import Payload, payload_of
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.file_selection import Sorting
from bot.rewrite.needed_libraries import owners_of_libraries
from bot.rewrite.package_install import Install, install_of
from bot.rewrite.startup import PASSING_ON, Launch
from bot.rewrite.user_commands import Account, accounts_of, groups_of

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Variables by which base images tell of themselves.
_ABOUT_A_BASE = re.compile(r"_(?:VERSION|HOME|SHA256|URL)$")
_CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
_ZONES = "usr/share/zoneinfo"


@dataclass(frozen=True, slots=True)
class Lessons:
    """What failed attempts have taught: packages, paths, folders, users and variables that are needed
    after all; `unpruned` says that so is what only builds should need."""

    packages: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    unpruned: bool = False


@dataclass(frozen=True)
class Plan:
    """One rewrite. `settings` are instructions for what the old base image set and the new does not;
    `prepare` are the last instructions of the build stage."""

    ecosystem: Ecosystem
    base: str
    payload: Payload
    install: Install
    accounts: tuple[Account, ...]
    groups: tuple[tuple[str, int], ...]
    settings: tuple[str, ...]
    explained: Mapping[str, str] = field(default_factory=dict)
    prepare: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def plan_of(
    world: World, launch: Launch, ecosystem: Ecosystem, ground: Ground, lessons: Lessons
) -> Plan:
    """A plan on one base image, as far as evidence and lessons go."""
    payload = payload_of(Sorting(world, launch, ecosystem), lessons.paths)
    libraries = owners_of_libraries(world, payload, launch)
    needed = {
        *libraries,
        *owners_of_called(world, launch),
        *lessons.packages,
        *_basics(world),
    }
    install = install_of(world, ecosystem, ground.packages, needed)
    settings, explained = _inherited(world, ecosystem, ground, lessons, payload)
    accounts = accounts_of(world, lessons.users)
    return Plan(
        ecosystem,
        ground.name,
        payload,
        install,
        accounts,
        groups_of(world, accounts),
        settings,
        explained,
        () if lessons.unpruned else tuple(ecosystem.prepare(world, launch)),
        tuple(sorted(lessons.folders)),
    )


def _basics(world: World) -> Iterable[str]:
    """What every program may need, though nothing shows it: certificates and time zones."""
    for path, package in ((_CERTIFICATES, "ca-certificates"), (_ZONES, "tzdata")):
        there = path in world.tree or path in world.folders
        if there and (package in world.system.packages or package == "ca-certificates"):
            yield package


def _inherited(
    world: World, ecosystem: Ecosystem, ground: Ground, lessons: Lessons, payload: Payload
) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Instructions for what came from the old base image, and reasons for what is left out."""
    old, new, now = world.base_settings, ground.settings, world.settings
    explained: dict[str, str] = {}
    lines: list[str] = []
    for name, value in old.env.items():
        key = f"ENV {name}"
        if name == "PATH":
            explained["ENV PATH"] = "the folders of the toolchain are gone"
            if _needs_path(world, value, new, payload):
                lines.append(f"ENV PATH={value}")
        elif key in ecosystem.explained and name not in lessons.variables:
            explained[key] = ecosystem.explained[key]
        elif new.env.get(name) == value or now.env.get(name) != value:
            continue  # it is so anyway, or the Dockerfile says otherwise
        elif name not in lessons.variables and (why := _of_the_old_base(world, name, value, new)):
            explained[key] = why
        else:
            lines.append(f"ENV {name}={_quoted(value)}")
    explained |= {f"ENV {x}": "the new base image sets it" for x in new.env if x not in now.env}
    if _starts_by_the_old_base(world, new):
        explained["ENTRYPOINT"] = "the old base image's script only starts what it is told"
        old = replace(old, entrypoint=())
    lines += _commands(now, old, new)
    explained |= {f"LABEL {name}": "it describes the old base image" for name in old.labels}
    return tuple(lines), explained


def _starts_by_the_old_base(world: World, new: Settings) -> bool:
    """Whether it starts by a script of its base image that hands on what it is told, and the new base
    image has another."""
    now, old = world.settings.entrypoint, world.base_settings.entrypoint
    script = world.which(now[0]) if now and now == old else None
    passes_on = bool(now) and now[0].rpartition("/")[2] in PASSING_ON
    return bool(script and script not in world.own and passes_on and now != new.entrypoint)


def _of_the_old_base(world: World, name: str, value: str, new: Settings) -> str:
    """Why a variable of the old base image says nothing of what is shipped; empty if it may."""
    if name in new.env and _ABOUT_A_BASE.search(name):
        return "the new base image has its own"
    place = value.strip("/")
    inherited = place not in world.own and not any(x.startswith(f"{place}/") for x in world.own)
    if value.startswith("/") and world.paths.real(place) and inherited:
        return "what it names was the old base image's"
    return ""


def _commands(now: Settings, old: Settings, new: Settings) -> Iterable[str]:
    """How the old base image wants to be run, as far as nothing else was said since."""
    if now.workdir == old.workdir and old.workdir not in ("", "/", new.workdir):
        yield f"WORKDIR {old.workdir}"
    if now.stop_signal == old.stop_signal and old.stop_signal not in ("", new.stop_signal):
        yield f"STOPSIGNAL {old.stop_signal}"
    if now.entrypoint == old.entrypoint and old.entrypoint and old.entrypoint != new.entrypoint:
        yield f"ENTRYPOINT {_json(old.entrypoint)}"
    yield from (f"EXPOSE {port}" for port in old.ports if port not in new.ports)


def _needs_path(world: World, value: str, new: Settings, payload: Payload) -> bool:
    """Whether a folder of the old PATH, not of the new, holds something that is copied."""
    known = new.env.get("PATH", _DEFAULT_PATH).split(":")
    more = [folder.strip("/") for folder in value.split(":") if folder not in known]
    programs = [
        path
        for path, entry in world.own.items()
        if entry.mode & 0o111 and path not in payload.dropped and not world.system.owner(path)
    ]
    return any(path.startswith(f"{folder}/") for folder in more for path in programs)


def _quoted(value: str) -> str:
    plain = value and all(x.isalnum() or x in "_./:-+," for x in value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return value if plain else f'"{escaped}"'


def _json(words: Iterable[str]) -> str:
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "[" + ", ".join(f'"{word}"' for word in escaped) + "]"
