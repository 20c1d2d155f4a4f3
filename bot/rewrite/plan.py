"""The plan of a rewrite: its base image, what it copies and installs, its users and settings."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.advise.deferred_copy import DeferredCopy, find_deferred_copy
from bot.advise.path_patterns import compile_path_patterns
from bot.advise.start_command import PASS_THROUGH_SCRIPTS
from bot.dockerfile.edits import TextChange
from bot.image.open_image import DEFAULT_SEARCH_PATH
from bot.model.container_config import ContainerConfig
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.build_variables import find_build_variables
from bot.rewrite.cache_mounts import CacheMount, find_cache_mounts
from bot.rewrite.called_programs import find_called_packages
from bot.rewrite.context_copies import MovedCopies, find_moved_copies
from bot.rewrite.copy_plan import NOTHING_MOVED, CopyPlan, build_copy_plan
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.file_selection import FileSelection
from bot.rewrite.kept_folders import list_kept_folders
from bot.rewrite.needed_libraries import find_library_packages
from bot.rewrite.package_install import PackageInstall, plan_install
from bot.rewrite.python_tools import list_repeated_distributions
from bot.rewrite.startup import Startup
from bot.rewrite.user_commands import CreatedUser, list_created_groups, list_created_users

# Variables in which official images describe themselves: PYTHON_VERSION, JAVA_HOME, PHP_SHA256.
_BASE_VARIABLE = re.compile(r"_(?:VERSION|HOME|SHA256|URL)$")
# No library names these files: a program finds out at its first request over TLS, or in its first
# conversion of a time, which no start without a network shows.
_CERTIFICATES_PATH = "etc/ssl/certs/ca-certificates.crt"
_SERVICES_PACKAGE = "netbase"  # /etc/services and /etc/protocols, for getaddrinfo(host, "https")
_TIME_ZONES_PATH = "usr/share/zoneinfo"
_PLAIN_VALUE = re.compile(r"[\w./:+,-]+")


@dataclass(frozen=True, slots=True)
class RetryHints:
    """The needs that failed attempts have shown.

    `skip_pruning` keeps development dependencies, and caches in the layers. `skip_moving` leaves
    all copies from the context where they are, and `skip_mounts` all commands as they are.
    """

    packages: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    skip_pruning: bool = False
    skip_moving: bool = False
    skip_mounts: bool = False


@dataclass(frozen=True)
class RewritePlan:
    """One rewrite, ready to be written.

    `inherited_instructions` set what the old base image set and the new one does not;
    `build_variables` are set by the Dockerfile and left out; `repeated_distributions` of Python are
    in both base images; `moved_copies` and `deferred_copy` are those of `BuildFacts`.
    `system_instructions` bring what a base image without a package manager lacks; `stage_above` is
    the text of a further stage, `build_changes` are edits of the build stage, instructions of the
    `dropped_keywords` are those of the new base image, and `replaced_instructions` are others in
    the last stage than in the old file, by their lines there.
    """

    ecosystem: Ecosystem
    base_image: str
    copy_plan: CopyPlan
    package_install: PackageInstall
    users: tuple[CreatedUser, ...]
    groups: tuple[tuple[str, int], ...]
    inherited_instructions: tuple[str, ...]
    accepted_changes: Mapping[str, str] = field(default_factory=dict)
    pruning_instructions: tuple[str, ...] = ()
    repeated_distributions: tuple[str, ...] = ()
    cache_mounts: tuple[CacheMount, ...] = ()
    folders: tuple[str, ...] = ()
    build_variables: frozenset[str] = frozenset()
    moved_copies: Mapping[int, tuple[str, ...] | None] = field(default_factory=dict)
    deferred_copy: DeferredCopy | None = None
    system_instructions: tuple[str, ...] = ()
    build_changes: tuple[TextChange, ...] = ()
    dropped_keywords: frozenset[str] = frozenset()
    replaced_instructions: Mapping[int, str] = field(default_factory=dict)
    stage_above: str = ""


def build_plan(
    facts: BuildFacts,
    startup: Startup,
    ecosystem: Ecosystem,
    base: BaseCandidate,
    hints: RetryHints,
) -> RewritePlan:
    """Plan the rewrite on one base image, from the facts and the hints of failed attempts."""
    selection = FileSelection(facts, startup, ecosystem, hints.skip_pruning)
    # Packages come after the files: the copied programs say which libraries are loaded.
    deferred = None if hints.skip_moving else find_deferred_copy(facts.rule_input)
    copy_plan, moved = _plan_copies(selection, hints, deferred)
    inheritance = _Inheritance(facts, ecosystem, base.config, hints, copy_plan)
    settings, accepted_changes = inheritance.plan_settings()
    users = list_created_users(facts, hints.users)
    build_variables = find_build_variables(facts, startup, hints.variables)
    reasons = {f"ENV {name}": "only its build reads it" for name in build_variables}
    plan = RewritePlan(
        ecosystem=ecosystem,
        base_image=base.name,
        copy_plan=copy_plan,
        package_install=_plan_packages(selection, base, copy_plan, hints),
        users=users,
        groups=list_created_groups(facts, users),
        inherited_instructions=settings,
        accepted_changes={**accepted_changes, **reasons},
        folders=tuple(sorted(hints.folders | _find_kept_folders(facts, copy_plan))),
        build_variables=build_variables,
        moved_copies=moved.lines,
        deferred_copy=deferred,
    )
    if hints.skip_pruning:
        return plan
    plan = _add_pruning(plan, selection, base)
    return replace(plan, cache_mounts=()) if hints.skip_mounts else plan


def _plan_copies(
    selection: FileSelection, hints: RetryHints, deferred: DeferredCopy | None
) -> tuple[CopyPlan, MovedCopies]:
    """Plan what the last stage copies from the build stage, and from the context."""
    if not hints.skip_moving:
        paths = selection.selected_paths | hints.paths
        moved = find_moved_copies(selection.facts, paths, deferred)
        copy_plan = build_copy_plan(selection, hints.paths, moved)
        # Where all that runs is in the context, nothing is left to copy. BuildKit skips a stage
        # that no other one needs: the build would no longer fail where the old one did.
        if copy_plan.items:
            return copy_plan, moved
    return build_copy_plan(selection, hints.paths), NOTHING_MOVED


def _find_kept_folders(facts: BuildFacts, copy_plan: CopyPlan) -> frozenset[str]:
    """Return the folders that the repository keeps empty and that no copy brings."""
    copied = (*(item.path for item in copy_plan.items), *copy_plan.context_sizes)
    return list_kept_folders(facts, copy_plan.dropped_sizes.keys(), copied)


def _plan_packages(
    selection: FileSelection, base: BaseCandidate, copy_plan: CopyPlan, hints: RetryHints
) -> PackageInstall:
    """Plan the system packages that the last stage installs."""
    facts, startup, ecosystem = selection.facts, selection.startup, selection.ecosystem
    required_packages = {
        *find_library_packages(facts, copy_plan, startup),
        *find_called_packages(facts, startup),
        *hints.packages,
        *_list_basic_packages(facts, ecosystem),
    }
    return plan_install(facts, ecosystem, base.packages, required_packages)


def _add_pruning(plan: RewritePlan, selection: FileSelection, base: BaseCandidate) -> RewritePlan:
    """Return the plan with what removes packages from the build stage, and with cache mounts.

    All of it goes at once when an attempt failed to build: a build's log does not say which of them
    is to blame, and attempts are few.
    """
    facts, items = selection.facts, plan.copy_plan.items
    instructions = selection.ecosystem.pruning_instructions(facts, selection.startup)
    copied_folders = (item.path for item in items if item.is_folder)
    return replace(
        plan,
        pruning_instructions=tuple(instructions),
        repeated_distributions=list_repeated_distributions(facts, base, copied_folders),
        cache_mounts=find_cache_mounts(facts, (item.path for item in items), plan.deferred_copy),
    )


def _list_basic_packages(facts: BuildFacts, ecosystem: Ecosystem) -> Iterable[str]:
    """Yield the packages that programs may need unseen: certificates, time zones, services."""
    for path, package in ((_CERTIFICATES_PATH, "ca-certificates"), (_TIME_ZONES_PATH, "tzdata")):
        is_there = path in facts.built.tree or path in facts.built.folders
        # Alpine's base image has the file of ca-certificates-bundle, and no package of this name.
        if is_there and (package in facts.package_graph.packages or package == "ca-certificates"):
            yield package
    if ecosystem.looks_up_services and _SERVICES_PACKAGE in facts.package_graph.packages:
        yield _SERVICES_PACKAGE


@dataclass(frozen=True, slots=True)
class _Inheritance:
    """The settings of the old base image, and what decides which of them the last stage repeats."""

    facts: BuildFacts
    ecosystem: Ecosystem
    new_base: ContainerConfig
    hints: RetryHints
    copy_plan: CopyPlan

    def plan_settings(self) -> tuple[tuple[str, ...], Mapping[str, str]]:
        """Return instructions for the settings to keep, and reasons for those dropped."""
        old, new, current = self.facts.base_config, self.new_base, self.facts.built.config
        planned = {name: self._plan_variable(name, value) for name, value in old.env.items()}
        lines = [line for line, _ in planned.values() if line]
        reasons = {f"ENV {name}": reason for name, (_, reason) in planned.items() if reason}
        reasons |= {
            f"ENV {name}": "the new base image sets it"
            for name in new.env
            if name not in current.env
        }
        # The script of Maven's or Node's image stays behind: it would only start what CMD names.
        if _starts_base_script(self.facts, new):
            reasons["ENTRYPOINT"] = "the old base image's script only starts its arguments"
            old = replace(old, entrypoint=())
        lines += _render_inherited_settings(current, old, new)
        reasons |= {f"LABEL {name}": "it describes the old base image" for name in old.labels}
        reasons |= {
            f"VOLUME {path}": "only a build tool writes there" for path in self._tool_volumes
        }
        return tuple(lines), reasons

    @property
    def _tool_volumes(self) -> tuple[str, ...]:
        """The volumes of the old base image in which a build tool keeps its downloads."""
        pattern = compile_path_patterns(self.ecosystem.residue_paths)
        volumes = self.facts.base_config.volumes
        return tuple(path for path in volumes if pattern.match(path.strip("/")))

    def _plan_variable(self, name: str, value: str) -> tuple[str, str]:
        """Return the instruction for a variable and the reason for dropping it, empty if none."""
        if name == "PATH":
            is_needed = _needs_path(self.facts, value, self.new_base, self.copy_plan)
            reason = "the folders of the toolchain are gone"
            return f"ENV PATH={_quote_value(value, self._escape)}" if is_needed else "", reason
        is_hinted = name in self.hints.variables
        reason = self.ecosystem.accepted_changes.get(f"ENV {name}", "")
        if reason and not is_hinted:
            return "", reason
        current = self.facts.built.config.env.get(name)
        if self.new_base.env.get(name) == value or current != value:
            return "", ""  # it is so anyway, or the Dockerfile says otherwise
        reason = _explain_dropped_variable(self.facts, name, value, self.new_base)
        if reason and not is_hinted:
            return "", reason
        return f"ENV {name}={_quote_value(value, self._escape)}", ""

    @property
    def _escape(self) -> str:
        return self.facts.rule_input.dockerfile.escape


def _starts_base_script(facts: BuildFacts, new_base: ContainerConfig) -> bool:
    """Return True if a pass-through script of the old base image is the entry point.

    Such a script only runs its arguments, and the new base image has another one.
    """
    entrypoint, old_entrypoint = facts.built.config.entrypoint, facts.base_config.entrypoint
    script = (
        facts.built.which(entrypoint[0]) if entrypoint and entrypoint == old_entrypoint else None
    )
    is_pass_through = bool(entrypoint) and entrypoint[0].rpartition("/")[2] in PASS_THROUGH_SCRIPTS
    return bool(
        script
        and script not in facts.built.own_files
        and is_pass_through
        and entrypoint != new_base.entrypoint
    )


def _explain_dropped_variable(
    facts: BuildFacts, name: str, value: str, new_base: ContainerConfig
) -> str:
    """Return why a variable of the old base image does not apply any more; empty if it may."""
    if name in new_base.env and _BASE_VARIABLE.search(name):
        return "the new base image has its own"
    path = value.strip("/")
    # GEM_HOME=/usr/local/bundle is set by the base image, but the Dockerfile's gems are below it.
    is_inherited = path not in facts.built.own_files and not any(
        own_path.startswith(f"{path}/") for own_path in facts.built.own_files
    )
    if value.startswith("/") and facts.built.paths.resolve(path) and is_inherited:
        return "the path it names belongs to the old base image"
    return ""


def _render_inherited_settings(
    current: ContainerConfig, old_base: ContainerConfig, new_base: ContainerConfig
) -> Iterable[str]:
    """Yield the old base image's settings that the Dockerfile has not changed."""
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
        yield f"ENTRYPOINT {json.dumps(old_base.entrypoint, ensure_ascii=False)}"
    # HEALTHCHECK and VOLUME of a base image are not repeated: they name its own programs and
    # folders. The verifier refuses a rewrite that lost one other than a build tool's cache.
    yield from (
        f"EXPOSE {port}" for port in old_base.exposed_ports if port not in new_base.exposed_ports
    )


def _needs_path(
    facts: BuildFacts, value: str, new_base: ContainerConfig, copy_plan: CopyPlan
) -> bool:
    """Return True if a folder that only the old `PATH` has holds a copied program."""
    new_folders = new_base.env.get("PATH", DEFAULT_SEARCH_PATH).split(":")
    old_folders = [folder.strip("/") for folder in value.split(":") if folder not in new_folders]
    programs = [
        path
        for path, entry in facts.built.own_files.items()
        if entry.mode & 0o111
        and path not in copy_plan.dropped_sizes
        and not facts.package_graph.find_owner(path)
    ]
    return any(path.startswith(f"{folder}/") for folder in old_folders for path in programs)


def _quote_value(value: str, escape: str) -> str:
    """Return the value of an `ENV` as the frontend reads it: literally, and as one word.

    In double quotes only the quote, `$` and the file's own escape character are special.
    """
    if _PLAIN_VALUE.fullmatch(value):
        return value
    return '"' + re.sub(rf'["${re.escape(escape)}]', lambda match: escape + match[0], value) + '"'
