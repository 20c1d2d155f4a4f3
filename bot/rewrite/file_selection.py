"""Which of an image's own files its last stage needs: all but what a build leaves behind."""

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

PACKAGE_INSTALLERS = (*INSTALL_SUBCOMMANDS, "dpkg")

RESIDUE_PATHS = read_names("bot.rewrite", "residue.txt", "paths")
# Where a distribution's packages have their files; what their scripts made there is theirs too.
SYSTEM_PATHS = re.compile(
    r"(?:etc|usr/(?!local/|src/)|var/(?!www/)|lib\d*|bin|sbin|boot)(?:/|(?<=/))"
)
REPOSITORY_PATHS = re.compile(r"(?:^|/)\.(?:git|hg|svn)/")
_PROJECT_FILES = compile_sections("bot.rewrite", "residue.txt", "project files")


@dataclass(frozen=True)
class FileSelection:
    """Which own files are kept."""

    facts: BuildFacts
    startup: Startup
    ecosystem: Ecosystem

    @cached_property
    def selected_paths(self) -> frozenset[str]:
        """The paths that the last stage needs."""
        wanted = set(self.ecosystem.required_paths(self.facts, self.startup))
        wanted |= set(self._list_started_files())
        mine = compile_path_patterns(wanted) if wanted else re.compile(r"(?!)")
        return frozenset(
            path
            for path, entry in self.facts.built.own_files.items()
            if mine.match(path) or self._is_selected(entry)
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
        """Whether an installer or its scripts made it, and the Dockerfile's author has not changed it."""
        installed = self.facts.built.image.layer_by_path[path] in self._install_layers
        if self.facts.package_graph.find_owner(path) is not None:
            changed = came_from_context(self.facts, path) or (
                path.startswith("etc/") and not installed
            )
            return not changed
        return installed and bool(SYSTEM_PATHS.match(path))

    def _belongs_to_repository(self, path: str) -> bool:
        """Whether it is the history of the project, not of one that a `RUN` has made."""
        return bool(REPOSITORY_PATHS.search(path)) and came_from_context(self.facts, path)

    @cached_property
    def _install_layers(self) -> frozenset[int]:
        """The layers of the `RUN`s that install system packages."""
        lines = {
            step.instruction.line_start
            for step in self.facts.rule_input.iter_runs()
            if any(call.name in PACKAGE_INSTALLERS for call in step.calls)
        }
        layers = self.facts.built.image.layers
        return frozenset(
            x.index for x in layers if x.instruction and x.instruction.line_start in lines
        )

    @cached_property
    def _excluded_pattern(self) -> re.Pattern[str]:
        return compile_path_patterns(
            [*RESIDUE_PATHS, *self.ecosystem.excluded_paths(self.facts, self.startup)]
        )

    @cached_property
    def _residue_pattern(self) -> re.Pattern[str]:
        """Where builds leave things; what came out of the context is none of these."""
        places = self.ecosystem.residue_paths
        left = [
            x
            for x in places
            if not any(map(compile_path_patterns([x]).match, self._application_paths))
        ]
        return compile_path_patterns(left) if left else re.compile(r"(?!)")

    @cached_property
    def _application_paths(self) -> tuple[str, ...]:
        """The working folder, and what the command line names: where `/usr/src/app` is the application's
        home, `/usr/src` holds no leftovers."""
        words = (word for command in self.startup.commands for word in command)
        paths = (posixpath.join("/", self.facts.workdir, word)[1:] for word in words)
        return (self.facts.workdir, *(path for path in paths if path in self.facts.built.own_files))

    def _list_started_files(self) -> Iterator[str]:
        """The programs and scripts that are started, as far as they are the Dockerfile's own."""
        for command in self.startup.commands:
            for word in command[:1]:
                place = self.facts.built.which(word)
                for path in (place, self.facts.built.paths.resolve(place) if place else None):
                    if (
                        path
                        and path in self.facts.built.own_files
                        and not self.facts.package_graph.find_owner(path)
                    ):
                        yield f"/{path}"
        yield from (
            f"/{path}" for path in self.startup.scripts if path in self.facts.built.own_files
        )


def came_from_context(facts: BuildFacts, path: str) -> bool:
    """Whether an own file came out of the context."""
    instruction = facts.built.image.layers[facts.built.image.layer_by_path[path]].instruction
    return instruction is None or instruction.keyword in ("ADD", "COPY")
