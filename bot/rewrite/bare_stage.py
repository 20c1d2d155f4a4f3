"""A last stage without a shell: on scratch, or on an image of distroless.

Whatever the distribution gave the program is gone there. So the program must not start others, and
each file of the system that it names is copied, or there is no such stage.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from bot.image.elf.program_traits import (
    can_start_programs,
    find_named_paths,
    reads_zone_of_tz_only,
)
from bot.model.files import EntryKind
from bot.rewrite.build_facts import ROOT_NAMES, BuildFacts
from bot.rewrite.build_stage import choose_free_name, choose_stage_names
from bot.rewrite.direct_start import DirectStart, find_direct_command, find_direct_start
from bot.rewrite.dockerfile_writer import render_last_stage
from bot.rewrite.ecosystems.elf_programs import find_started_programs
from bot.rewrite.package_install import PackageInstall, list_requested_packages
from bot.rewrite.plan import RewritePlan
from bot.rewrite.startup import Startup

SCRATCH = "scratch"
# Their files are data, which can be copied; programs of other packages need a distribution.
DATA_PACKAGES = frozenset({"ca-certificates", "ca-certificates-bundle", "tzdata", "netbase"})
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
_TIME_ZONES = "usr/share/zoneinfo"
_USER_FILES = ("etc/passwd", "etc/group")
_DATABASES = ("etc/services", "etc/protocols")
# Files that the engine mounts, caches, and settings whose defaults are what Debian's file says
# (nsswitch.conf: files, then DNS).
_SAME_WITHOUT = re.compile(
    r"etc/(?:hosts|hostname|resolv\.conf|nsswitch\.conf|host\.conf|gai\.conf|ld\.so\.cache)"
    r"|etc/localtime|usr/lib/(?:\S+/)?gconv/gconv-modules\S*"
    # The loader of a program that is linked dynamically.
    r"|(?:usr/)?lib(?:32|64|x32)?/(?:\S+/)?ld-[\w.-]+"
)
# Files of Debian that Alpine has, with what programs expect in them.
_IN_ALPINE = frozenset(
    {CERTIFICATES, *_USER_FILES, *_DATABASES, "bin/sh", "usr/bin/sh", "usr/bin/dash"}
)
_WRITABLE_FOLDERS = ("var/log", "var/cache", "var/lib", "var/spool", "var/mail")
_COPIED_DATA = re.compile(r"etc/|usr/share/")
_UTC = re.compile(r"/(?:UTC|UCT|Zulu|Universal|GMT)$")
# Programs that were linked statically with glibc load libraries for users and hosts.
_NAME_SERVICE = b"libnss_"
_RUN = re.compile(r"^\s*RUN\b", re.IGNORECASE | re.MULTILINE)
_DIRECT = ", and `CMD` starts the program itself"
_NO_ZONES = ", and no time zones, so `TZ` has no effect"
_MAX_PROGRAMS = 20
_MAX_HOME_FILES = 10  # of a home directory as `useradd` makes it


@dataclass(frozen=True)
class BareStage:
    """Decides if a verified rewrite also runs without a distribution, and plans that stage.

    `plan` is that of the new stage, with `base_image` of distroless or scratch, `rewrite` the plan
    that was verified; `base_packages` are those of its base image. `has_shell` of a base with
    BusyBox, where the program may start others.
    """

    facts: BuildFacts
    startup: Startup
    plan: RewritePlan
    rewrite: RewritePlan
    base_packages: frozenset[str]
    has_shell: bool = False

    def describe_differences(self) -> str:
        """Return what the stage lacks besides its distribution, as the end of a sentence.

        The images of distroless have the time zones.
        """
        is_bare = self.plan.base_image == SCRATCH or self.has_shell
        lacks_zones = is_bare and self._has_zones and not self._needs_zones
        is_direct = bool(self._direct_start) and not self.has_shell
        return _DIRECT * is_direct + _NO_ZONES * lacks_zones

    def plan_stage_with_shell(self) -> RewritePlan | None:
        """Return the plan on Alpine; None if the program needs more of its distribution."""
        named = self._named_paths
        has_needs = named is None or any(
            not _SAME_WITHOUT.fullmatch(path) and path not in _IN_ALPINE for path in named
        )
        needed = set(self.rewrite.package_install.names) - {"ca-certificates"}
        has_setup = bool(needed or self.plan.users or self.plan.groups)
        has_check = self.facts.built.config.health_check is not None
        if has_needs or has_setup or has_check or self._has_other_zone():
            return None
        zones = tuple(self._render_zones())
        return replace(self.plan, package_install=PackageInstall(), system_instructions=zones)

    def plan_stage(self) -> RewritePlan | None:
        """Return the plan of the stage; None if it would need a shell or files of the system."""
        named = self._named_paths
        if named is None or not self._needs_data_only() or self._has_other_zone():
            return None
        instructions = self._render_system_copies(named)
        if instructions is None:
            return None
        start = self._direct_start
        plan = replace(
            start.replace_command(self.plan) if start else self.plan,
            package_install=PackageInstall(),
            users=(),
            groups=(),
            system_instructions=instructions,
            stage_above=self._render_stage_above() if self.plan.base_image == SCRATCH else "",
        )
        return (
            None
            if _RUN.search(render_last_stage(self.facts, replace(plan, stage_above="")))
            else plan
        )

    def _needs_data_only(self) -> bool:
        """Return True if the stage needs no program, package or folder of a distribution."""
        health, has_scripts = self.facts.built.config.health_check, bool(self.startup.scripts)
        if health and (health.test[0] != "CMD" or self._find_own(health.test[1]) is None):
            return False
        needed = set(self.rewrite.package_install.names) - DATA_PACKAGES
        started = tuple(find_started_programs(self.facts, self.startup))
        is_whole = bool(started) and len(started) == len(self.startup.commands)
        command = find_direct_command(self.facts)
        is_direct = all(self._find_own(name) is not None for name in command[:1])
        has_folders = bool(self.plan.folders)
        return is_whole and is_direct and not (has_scripts or needed or has_folders)

    @cached_property
    def _direct_start(self) -> DirectStart | None:
        return find_direct_start(self.facts)

    def _find_own(self, name: str) -> str | None:
        """Return the path of a program that the Dockerfile added; None for any other."""
        path = self.facts.built.find_program(name)
        return path if path in self._shipped_paths else None

    @cached_property
    def _shipped_paths(self) -> frozenset[str]:
        """The Dockerfile's own files that the last stage has."""
        folders = tuple(f"{x.path}/" for x in self.plan.copy_plan.items if x.is_folder)
        files = {x.path for x in self.plan.copy_plan.items if not x.is_folder}
        own = self.facts.built.own_files
        below = {path for path in own if path.startswith(folders)}
        return frozenset((files & own.keys()) | below | self.plan.copy_plan.context_sizes.keys())

    @cached_property
    def _named_paths(self) -> frozenset[str] | None:
        """The files of the system that shipped programs name; None if one cannot run alone."""
        if len(self._list_executables()) > _MAX_PROGRAMS:
            return None
        named: set[str] = set()
        for data in self._programs:
            starts_others = data.startswith(b"#!") or can_start_programs(data)
            if (starts_others and not self.has_shell) or _NAME_SERVICE in data:
                return None
            named |= find_named_paths(data, self._system_paths.keys())
        return frozenset(self._system_paths[name] for name in named)

    def _list_executables(self) -> list[str]:
        tree = self.facts.built.tree
        entries = (tree[path] for path in self._shipped_paths if path in tree)
        return [
            entry.path
            for entry in entries
            if entry.mode & 0o111 and entry.kind is not EntryKind.SYMLINK
        ]

    @cached_property
    def _programs(self) -> list[bytes]:
        """The contents of the executable files, each read once from the engine."""
        return [self.facts.built.files.read(path) or b"" for path in self._list_executables()]

    @cached_property
    def _system_paths(self) -> dict[str, str]:
        """The files of the verified rewrite's distribution, by each path that leads to them."""
        graph, tree = self.facts.package_graph, self.facts.built.tree
        names = {*self.base_packages, *self.rewrite.package_install.names}
        packages = graph.resolve_closure(names) if self.base_packages else graph.packages.keys()
        owned = {path for path in tree if graph.find_owner(path) in packages}
        etc = {path for path in tree if path.startswith("etc/")}
        # A link to a folder (/lib, /var/run) is no file.
        files = (path for path in owned | etc if self.facts.built.paths.is_file(path))
        paths = {path: path for path in files}
        # With merged `/usr`, /bin/sh is a file of /usr/bin.
        shorter = {path[4:]: path for path in paths if path.startswith("usr/")}
        folders = {x: x for x in _WRITABLE_FOLDERS if x in self.facts.built.image.directories}
        return {**shorter, **paths, **folders}

    def _has_other_zone(self) -> bool:
        """Return True if /etc/localtime is of another zone than UTC, the default without it."""
        paths = self.facts.built.paths
        zone = paths.resolve("etc/localtime") if paths.is_file("etc/localtime") else None
        return zone is not None and not _UTC.search(f"/{zone}")

    def _render_system_copies(self, named: frozenset[str]) -> tuple[str, ...] | None:
        """Return the instructions for what the program needs of a distribution, if they suffice."""
        data = {path for path in named if not _SAME_WITHOUT.fullmatch(path)}
        data -= self._shipped_paths
        folders = {path for path in data if path not in self.facts.built.tree}
        if folders or not all(map(self._is_copied_data, data)):
            return None
        home = self._render_home()
        if home is None:
            return None
        files = list(self._list_files(data))
        lines = tuple(self._render_files(files))
        if self.plan.base_image == SCRATCH:
            folders_line = f"COPY --from={self._system_stage} /system /"
            lines = (self._format(folders_line), *lines, *self._render_zones())
        return (*lines, *home)

    def _is_copied_data(self, path: str) -> bool:
        entry = self.facts.built.tree[path]
        is_data = bool(_COPIED_DATA.match(path)) and not entry.mode & 0o111
        return is_data and entry.kind is not EntryKind.OTHER

    def _list_files(self, data: set[str]) -> Iterator[str]:
        """Yield the single files that the stage copies from the system of the build stage."""
        built, is_scratch = self.facts.built, self.plan.base_image == SCRATCH
        is_root = built.config.user in ROOT_NAMES and not self.rewrite.users
        if is_scratch or not is_root:
            yield from (x for x in _USER_FILES if built.paths.is_file(x))
        if is_scratch and built.paths.is_file(CERTIFICATES):
            yield CERTIFICATES
        installed = _DATABASES if not is_scratch else ()  # of distroless
        others = data - {*_USER_FILES, CERTIFICATES, *installed}
        yield from (x for x in sorted(others) if not x.startswith(f"{_TIME_ZONES}/"))

    def _render_files(self, files: list[str]) -> Iterator[str]:
        """Yield one `COPY` for the files of each folder."""
        stage_name, _ = choose_stage_names(self.facts)
        for folder in dict.fromkeys(map(posixpath.dirname, files)):
            names = " ".join(f"/{x}" for x in files if posixpath.dirname(x) == folder)
            yield self._format(f"COPY --from={stage_name} {names} /{folder}/")

    def _render_zones(self) -> Iterator[str]:
        if self._has_zones and self._needs_zones:
            yield self._copy(choose_stage_names(self.facts)[0], _TIME_ZONES, _TIME_ZONES)

    @property
    def _has_zones(self) -> bool:
        return _TIME_ZONES in self.facts.built.folders

    @cached_property
    def _needs_zones(self) -> bool:
        """True if a program may read time zones by their names, or the Dockerfile wants them."""
        is_set = "TZ" in self.facts.built.config.env
        is_asked_for = "tzdata" in list_requested_packages(self.facts)
        return is_set or is_asked_for or not all(map(reads_zone_of_tz_only, self._programs))

    @property
    def _system_stage(self) -> str:
        """The name of the stage with the folders: one that the file has not yet."""
        return choose_free_name(self.facts, "system", "system-folders")

    def _render_stage_above(self) -> str:
        """Return the stage with the folders of every system.

        COPY gives a folder its own mode only as a part of another one.
        """
        style = self.facts.text_style
        commands = ["mkdir -p -m 700 /system/root", "mkdir -m 1777 /system/tmp"]
        head = style.format_line(f"FROM {self.rewrite.base_image} AS {self._system_stage}")
        run = style.format_line(style.join_commands(commands))
        return "\n".join(["# Folders that scratch does not have.", head, run, ""])

    def _render_home(self) -> tuple[str, ...] | None:
        """Return the instruction for the home directory of the user; None if it cannot be made."""
        built = self.facts.built
        home = built.runtime_user.home.strip("/") if built.runtime_user else ""
        entry = built.image.directories.get(home)
        is_there = any(f"{x}/".startswith(f"{home}/") for x in self._shipped_paths)
        if not home or entry is None or is_there or built.config.user in ROOT_NAMES:
            return ()
        if sum(x.startswith(f"{home}/") for x in built.tree) > _MAX_HOME_FILES:
            return None
        stage_name, _ = choose_stage_names(self.facts)
        return (self._copy(f"{stage_name} --chown={entry.uid}:{entry.gid}", home, home),)

    def _copy(self, stage: str, source: str, target: str) -> str:
        return self._format(f"COPY --from={stage} /{source} /{target}")

    def _format(self, line: str) -> str:
        return self.facts.text_style.format_line(line)
