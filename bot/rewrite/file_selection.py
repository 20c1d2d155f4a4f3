"""The selection of the files that the last stage needs: all but what a build leaves behind."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.advise.path_patterns import compile_path_patterns
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.model.files import Entry
from bot.pattern_lists import compile_sections, read_names
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

# `dpkg -i package.deb` installs, too.
PACKAGE_INSTALLERS = (*INSTALL_SUBCOMMANDS, "dpkg")

RESIDUE_PATHS = read_names("bot.rewrite", "residue.txt", "paths")
# Folders of a distribution's packages: what a RUN that installs some creates there is theirs.
# /usr/local, /usr/src and /var/www belong to the application.
SYSTEM_PATHS = re.compile(
    r"(?:etc|usr/(?!local/|src/)|var/(?!www/)|lib\d*|bin|sbin|boot)(?:/|(?<=/))"
)
REPOSITORY_PATHS = re.compile(r"(?:^|/)\.(?:git|hg|svn)/")
_PROJECT_FILES = compile_sections("bot.rewrite", "residue.txt", "project files")


@dataclass(frozen=True)
class FileSelection:
    """The Dockerfile's own files that are kept."""

    facts: BuildFacts
    startup: Startup
    ecosystem: Ecosystem

    @cached_property
    def selected_paths(self) -> frozenset[str]:
        """Return the paths that the last stage needs."""
        required = set(self.ecosystem.required_paths(self.facts, self.startup))
        required |= set(self._list_started_files())
        required_pattern = compile_path_patterns(required) if required else re.compile(r"(?!)")
        return frozenset(
            path
            for path, entry in self.facts.built.own_files.items()
            if required_pattern.match(path) or self._is_selected(entry)
        )

    def _is_selected(self, entry: Entry) -> bool:
        path = entry.path
        if self._excluded_pattern.match(path) or self._belongs_to_repository(path):
            return False
        if self._residue_pattern.match(path) and not came_from_context(self.facts, path):
            return False
        if self._belongs_to_package(path):
            return False
        return not (_PROJECT_FILES.search(path) or self.ecosystem.source_pattern.search(path))

    def _belongs_to_package(self, path: str) -> bool:
        """Return True for unchanged files of a package, and for what its scripts created."""
        is_installed = self.facts.built.image.layer_by_path[path] in self._install_layers
        if self.facts.package_graph.find_owner(path) is not None:
            is_changed = came_from_context(self.facts, path) or (
                path.startswith("etc/") and not is_installed
            )
            return not is_changed
        return is_installed and bool(SYSTEM_PATHS.match(path))

    def _belongs_to_repository(self, path: str) -> bool:
        """Return True for the project's own repository, but not for one that a `RUN` cloned."""
        return bool(REPOSITORY_PATHS.search(path)) and came_from_context(self.facts, path)

    @cached_property
    def _install_layers(self) -> frozenset[int]:
        """Return the layers of the `RUN`s that install system packages."""
        lines = {
            step.instruction.line_start
            for step in self.facts.rule_input.iter_runs()
            if any(call.name in PACKAGE_INSTALLERS for call in step.calls)
        }
        layers = self.facts.built.image.layers
        return frozenset(
            layer.index
            for layer in layers
            if layer.instruction and layer.instruction.line_start in lines
        )

    @cached_property
    def _excluded_pattern(self) -> re.Pattern[str]:
        return compile_path_patterns(
            [*RESIDUE_PATHS, *self.ecosystem.excluded_paths(self.facts, self.startup)]
        )

    @cached_property
    def _residue_pattern(self) -> re.Pattern[str]:
        """Return the pattern of paths where builds leave files; none from the context is one."""
        unused_paths = [x for x in self.ecosystem.residue_paths if not self._holds_application(x)]
        return compile_path_patterns(unused_paths) if unused_paths else re.compile(r"(?!)")

    def _holds_application(self, residue_path: str) -> bool:
        """Return True if the application is below a residue path."""
        pattern = compile_path_patterns([residue_path])
        return any(pattern.match(path) for path in self._application_paths)

    @cached_property
    def _application_paths(self) -> tuple[str, ...]:
        """Return the working directory and the files that the command names.

        A residue path with the application in it is kept: `/usr/src` with an app in `/usr/src/app`.
        """
        words = (word for command in self.startup.commands for word in command)
        paths = (posixpath.join("/", self.facts.workdir, word)[1:] for word in words)
        return (self.facts.workdir, *(path for path in paths if path in self.facts.built.own_files))

    def _list_started_files(self) -> Iterator[str]:
        """Yield the started programs and scripts that the Dockerfile added."""
        for command in self.startup.commands:
            built, name = self.facts.built, command[0]
            for path in (built.which(name), built.find_program(name)):
                is_own = path is not None and path in built.own_files
                if path and is_own and not self.facts.package_graph.find_owner(path):
                    yield f"/{path}"
        yield from (
            f"/{path}" for path in self.startup.scripts if path in self.facts.built.own_files
        )


def came_from_context(facts: BuildFacts, path: str) -> bool:
    """Return True if a file was copied or added, not created by a `RUN`."""
    instruction = facts.built.image.layers[facts.built.image.layer_by_path[path]].instruction
    return instruction is None or instruction.keyword in ("ADD", "COPY")
