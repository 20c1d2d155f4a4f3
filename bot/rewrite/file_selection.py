"""The selection of the files that the last stage needs: all but what a build leaves behind."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.advise.path_patterns import compile_path_patterns
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.model.files import Entry
from bot.pattern_lists import read_names
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.project_residue import ProjectResidue, came_from_context
from bot.rewrite.startup import Startup

# `dpkg -i package.deb` installs, too.
PACKAGE_INSTALLERS = (*INSTALL_SUBCOMMANDS, "dpkg")
RESIDUE_PATHS = read_names("bot.rewrite", "residue.txt", "paths")
# Folders of a distribution's packages: what a RUN that installs some creates there is theirs.
# /usr/local, /usr/src and /var/www belong to the application.
SYSTEM_PATHS = re.compile(
    r"(?:etc|usr/(?!local/|src/)|var/(?!www/)|lib\d*|bin|sbin|boot)(?:/|(?<=/))"
)
DEPENDENCY_NAMES = r"(?:^|/)(?:site-packages|dist-packages|\.venv|venv|node_modules|vendor|bundle)"
IN_DEPENDENCIES = re.compile(rf"{DEPENDENCY_NAMES}(?:/|$)")
REPOSITORY_PATHS = re.compile(r"(?:^|/)\.(?:git|hg|svn)/")
_SKELETON_FILES = (".bashrc", ".profile", ".bash_logout")  # /etc/skel of Debian
_PROGRAM_FOLDERS = ("bin", "sbin")


@dataclass(frozen=True)
class FileSelection:
    """The Dockerfile's own files that are kept; with `skip_pruning` what only builds, too."""

    facts: BuildFacts
    startup: Startup
    ecosystem: Ecosystem
    skip_pruning: bool = False

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
        # A file stays behind only for a reason: what nobody expected may be read.
        path = entry.path
        if self._excluded_pattern.match(path) or self._belongs_to_repository(path):
            return False
        if self._is_tool_residue(path) and not came_from_context(self.facts, path):
            return False
        if self._belongs_to_package(path) or self._is_skeleton(path):
            return False
        return not (
            self._project_residue.includes(path) or self.ecosystem.source_pattern.search(path)
        )

    @cached_property
    def _project_residue(self) -> ProjectResidue:
        return ProjectResidue(self.facts, self.startup)

    def _belongs_to_package(self, path: str) -> bool:
        """Return True for unchanged files of a package, and for what its scripts created."""
        is_installed = self.facts.built.image.layer_by_path[path] in self._install_layers
        # A file of a package may have been changed: nginx.conf by a COPY, php.ini by `sed` in a
        # RUN. Outside of /etc, only installers write to the files of packages.
        if self.facts.package_graph.find_owner(path) is not None:
            is_changed = came_from_context(self.facts, path) or (
                path.startswith("etc/") and not is_installed
            )
            return not is_changed
        return is_installed and bool(SYSTEM_PATHS.match(path))

    def _is_skeleton(self, path: str) -> bool:
        """Return True for a file that `useradd` puts into a home: it makes the home again."""
        is_skeleton = posixpath.basename(path) in _SKELETON_FILES
        return is_skeleton and not came_from_context(self.facts, path)

    def _belongs_to_repository(self, path: str) -> bool:
        """Return True for the project's own repository, but not for one that a `RUN` cloned.

        `cargo new` makes one that is no clone.
        """
        match = REPOSITORY_PATHS.search(path)
        if match is None or came_from_context(self.facts, path):
            return match is not None
        # A tool that a RUN cloned (oh-my-zsh, nvm) may update itself with git.
        settings = self.facts.built.read_text(f"{path[: match.end()]}config")
        return match[0].endswith(".git/") and "[remote " not in settings

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
        excluded = [*RESIDUE_PATHS, *self.ecosystem.excluded_paths(self.facts, self.startup)]
        if not self.skip_pruning:
            excluded += self.ecosystem.pruned_paths(self.facts, self.startup)
        return compile_path_patterns(excluded)

    def _is_tool_residue(self, path: str) -> bool:
        """Return True where tools keep their own, outside of the application's folders."""
        if self._tool_pattern.match(path):
            return True
        return any(
            pattern.match(path) and not path.startswith(folders)
            for pattern, folders in self._tool_homes
        )

    @cached_property
    def _tool_pattern(self) -> re.Pattern[str]:
        """Return the pattern of residue paths without an application below them."""
        homes = {pattern.pattern for pattern, _ in self._tool_homes}
        patterns = [compile_path_patterns([x]).pattern for x in self.ecosystem.residue_paths]
        return re.compile("|".join(x for x in patterns if x not in homes) or r"(?!)")

    @cached_property
    def _tool_homes(self) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
        """Return the residue paths with an application below them, and its folders there.

        `/go` with an application in `/go/src/app` still holds the cache of modules.
        """
        patterns = [compile_path_patterns([x]) for x in self.ecosystem.residue_paths]
        homes = ((x, tuple(filter(x.match, self._application_folders))) for x in patterns)
        return tuple(
            (pattern, tuple(f"{folder}/" for folder in folders))
            for pattern, folders in homes
            if folders
        )

    @cached_property
    def _application_folders(self) -> tuple[str, ...]:
        """Return the working directory, and the folders of the files that the command names.

        In a folder for programs (`/go/bin`) only the program is the application's.
        """
        words = (word for command in self.startup.commands for word in command)
        paths = (posixpath.join("/", self.facts.workdir, word)[1:] for word in words)
        folders = (posixpath.dirname(x) for x in paths if x in self.facts.built.own_files)
        app_folders = (x for x in folders if posixpath.basename(x) not in _PROGRAM_FOLDERS)
        return tuple(filter(None, (self.facts.workdir, *app_folders)))

    def _list_started_files(self) -> Iterator[str]:
        """Yield the started programs and scripts that the Dockerfile added."""
        # The program in PATH may be a link into a folder of residue (`/usr/local/bin/tool` into
        # `~/.local/share`): both the link and its file are needed.
        for command in self.startup.commands:
            built, name = self.facts.built, command[0]
            for path in (built.which(name), built.find_program(name)):
                is_own = path is not None and path in built.own_files
                if path and is_own and not self.facts.package_graph.find_owner(path):
                    yield f"/{path}"
        # A script of a package comes with its package, if that is installed again.
        yield from (
            f"/{path}"
            for path in self.startup.scripts
            if path in self.facts.built.own_files and not self.facts.package_graph.find_owner(path)
        )
