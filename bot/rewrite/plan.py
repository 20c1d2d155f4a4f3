"""The plan of a rewrite: what the build stage gets, what the last stage stands on, has and says."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.image.open_image import DEFAULT_SEARCH_PATH
from bot.model.container_config import ContainerConfig
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.called_programs import find_called_packages
from bot.rewrite.copy_plan import CopyPlan, build_copy_plan
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.file_selection import FileSelection
from bot.rewrite.needed_libraries import find_library_packages
from bot.rewrite.package_install import PackageInstall, plan_install
from bot.rewrite.startup import PASS_THROUGH_SCRIPTS, Startup
from bot.rewrite.user_commands import CreatedUser, list_created_groups, list_created_users

# Variables by which base images tell of themselves.
_BASE_VARIABLE = re.compile(r"_(?:VERSION|HOME|SHA256|URL)$")
_CERTIFICATES_PATH = "etc/ssl/certs/ca-certificates.crt"
_TIME_ZONES_PATH = "usr/share/zoneinfo"


@dataclass(frozen=True, slots=True)
class RetryHints:
    """What failed attempts have taught: packages, paths, folders, users and variables that are needed
    after all; `unpruned` says that so is what only builds should need."""

    packages: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    skip_pruning: bool = False


@dataclass(frozen=True)
class RewritePlan:
    """One rewrite. `settings` are instructions for what the old base image set and the new does not;
    `prepare` are the last instructions of the build stage."""

    ecosystem: Ecosystem
    base_image: str
    copy_plan: CopyPlan
    package_install: PackageInstall
    users: tuple[CreatedUser, ...]
    groups: tuple[tuple[str, int], ...]
    inherited_instructions: tuple[str, ...]
    accepted_changes: Mapping[str, str] = field(default_factory=dict)
    pruning_instructions: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def build_plan(
    facts: BuildFacts,
    startup: Startup,
    ecosystem: Ecosystem,
    base: BaseCandidate,
    hints: RetryHints,
) -> RewritePlan:
    """A plan on one base image, as far as evidence and lessons go."""
    payload = build_copy_plan(FileSelection(facts, startup, ecosystem), hints.paths)
    libraries = find_library_packages(facts, payload, startup)
    needed = {
        *libraries,
        *find_called_packages(facts, startup),
        *hints.packages,
        *_list_basic_packages(facts),
    }
    install = plan_install(facts, ecosystem, base.packages, needed)
    settings, explained = _inherit_settings(facts, ecosystem, base, hints, payload)
    accounts = list_created_users(facts, hints.users)
    return RewritePlan(
        ecosystem,
        base.name,
        payload,
        install,
        accounts,
        list_created_groups(facts, accounts),
        settings,
        explained,
        () if hints.skip_pruning else tuple(ecosystem.pruning_instructions(facts, startup)),
        tuple(sorted(hints.folders)),
    )


def _list_basic_packages(facts: BuildFacts) -> Iterable[str]:
    """What every program may need, though nothing shows it: certificates and time zones."""
    for path, package in ((_CERTIFICATES_PATH, "ca-certificates"), (_TIME_ZONES_PATH, "tzdata")):
        there = path in facts.built.tree or path in facts.built.folders
        if there and (package in facts.package_graph.packages or package == "ca-certificates"):
            yield package


def _inherit_settings(
    facts: BuildFacts,
    ecosystem: Ecosystem,
    base: BaseCandidate,
    hints: RetryHints,
    copy_plan: CopyPlan,
) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Instructions for what came from the old base image, and reasons for what is left out."""
    old, new, now = facts.base_config, base.config, facts.built.config
    explained: dict[str, str] = {}
    lines: list[str] = []
    for name, value in old.env.items():
        key = f"ENV {name}"
        if name == "PATH":
            explained["ENV PATH"] = "the folders of the toolchain are gone"
            if _needs_path(facts, value, new, copy_plan):
                lines.append(f"ENV PATH={value}")
        elif key in ecosystem.accepted_changes and name not in hints.variables:
            explained[key] = ecosystem.accepted_changes[key]
        elif new.env.get(name) == value or now.env.get(name) != value:
            continue  # it is so anyway, or the Dockerfile says otherwise
        elif name not in hints.variables and (
            why := _explain_dropped_variable(facts, name, value, new)
        ):
            explained[key] = why
        else:
            lines.append(f"ENV {name}={_quote_value(value)}")
    explained |= {f"ENV {x}": "the new base image sets it" for x in new.env if x not in now.env}
    if _starts_base_script(facts, new):
        explained["ENTRYPOINT"] = "the old base image's script only starts what it is told"
        old = replace(old, entrypoint=())
    lines += _render_inherited_settings(now, old, new)
    explained |= {f"LABEL {name}": "it describes the old base image" for name in old.labels}
    return tuple(lines), explained


def _starts_base_script(facts: BuildFacts, new_base: ContainerConfig) -> bool:
    """Whether it starts by a script of its base image that hands on what it is told, and the new base
    image has another."""
    now, old = facts.built.config.entrypoint, facts.base_config.entrypoint
    script = facts.built.which(now[0]) if now and now == old else None
    passes_on = bool(now) and now[0].rpartition("/")[2] in PASS_THROUGH_SCRIPTS
    return bool(
        script and script not in facts.built.own_files and passes_on and now != new_base.entrypoint
    )


def _explain_dropped_variable(
    facts: BuildFacts, name: str, value: str, new_base: ContainerConfig
) -> str:
    """Why a variable of the old base image says nothing of what is shipped; empty if it may."""
    if name in new_base.env and _BASE_VARIABLE.search(name):
        return "the new base image has its own"
    place = value.strip("/")
    inherited = place not in facts.built.own_files and not any(
        x.startswith(f"{place}/") for x in facts.built.own_files
    )
    if value.startswith("/") and facts.built.paths.resolve(place) and inherited:
        return "what it names was the old base image's"
    return ""


def _render_inherited_settings(
    current: ContainerConfig, old_base: ContainerConfig, new_base: ContainerConfig
) -> Iterable[str]:
    """How the old base image wants to be run, as far as nothing else was said since."""
    if current.workdir == old_base.workdir and old_base.workdir not in ("", "/", new_base.workdir):
        yield f"WORKDIR {old_base.workdir}"
    if current.stop_signal == old_base.stop_signal and old_base.stop_signal not in (
        "",
        new_base.stop_signal,
    ):
        yield f"STOPSIGNAL {old_base.stop_signal}"
    if (
        current.entrypoint == old_base.entrypoint
        and old_base.entrypoint
        and old_base.entrypoint != new_base.entrypoint
    ):
        yield f"ENTRYPOINT {_format_json(old_base.entrypoint)}"
    yield from (
        f"EXPOSE {port}" for port in old_base.exposed_ports if port not in new_base.exposed_ports
    )


def _needs_path(
    facts: BuildFacts, value: str, new_base: ContainerConfig, copy_plan: CopyPlan
) -> bool:
    """Whether a folder of the old PATH, not of the new, holds something that is copied."""
    known = new_base.env.get("PATH", DEFAULT_SEARCH_PATH).split(":")
    more = [folder.strip("/") for folder in value.split(":") if folder not in known]
    programs = [
        path
        for path, entry in facts.built.own_files.items()
        if entry.mode & 0o111
        and path not in copy_plan.dropped_sizes
        and not facts.package_graph.find_owner(path)
    ]
    return any(path.startswith(f"{folder}/") for folder in more for path in programs)


def _quote_value(value: str) -> str:
    plain = value and all(x.isalnum() or x in "_./:-+," for x in value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return value if plain else f'"{escaped}"'


def _format_json(words: Iterable[str]) -> str:
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "[" + ", ".join(f'"{word}"' for word in escaped) + "]"
