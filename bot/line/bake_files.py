"""The compose and bake files of a revision, read from its commit alone.

Without a usable buildx, or with a broken file, the images are what is discovered, and a warning
says so.
"""

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bot.errors import InputError
from bot.line.compose_paths import VARIABLES_NAME, read_compose_paths
from bot.line.config_location import find_config_file
from bot.line.dockerfiles import Dockerfiles
from bot.line.ports import BuildFilePrinter, Git
from bot.project.bake_attributes import find_unused_keys
from bot.project.bake_document import parse_bake_document
from bot.project.build_file_groups import BuildFileGroup, UnreadFile, group_files, list_unread_files
from bot.project.compose_file import BuildFileMistake, reduce_compose_file
from bot.project.declared_builds import (
    BuildFile,
    DeclaredBuild,
    FileBuilds,
    SkippedBuild,
    add_machine_options,
    locate_builds,
)
from bot.project.git_tree import GitTree

# Bake reads these alone as its own language, and any other file that can be one as a compose file.
_BAKE_SUFFIXES = (".hcl", ".json")
# `include` and `extends` may lead from file to file, and the pull request wrote all of them.
_MAX_FILES = 100
_MAX_FILE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class BuildFileProblem:
    """Files that could not be read, and why."""

    paths: tuple[str, ...]
    reason: str

    @property
    def name(self) -> str:
        """The paths, for people."""
        return ", ".join(self.paths)


@dataclass(frozen=True, slots=True)
class RevisionBuilds:
    """The builds that the compose and bake files of a revision declare, by rank, bake's first.

    `paths` are all files that were read for them.
    """

    builds: tuple[DeclaredBuild, ...] = ()
    skipped: tuple[SkippedBuild, ...] = ()
    problems: tuple[BuildFileProblem, ...] = ()
    unread: tuple[UnreadFile, ...] = ()
    paths: frozenset[str] = frozenset()


class BuildFileReader:
    """A reader of compose and bake files; what two revisions share is read once."""

    def __init__(self, git: Git, dockerfiles: Dockerfiles, printer: BuildFilePrinter) -> None:
        self._git, self._dockerfiles, self._printer = git, dockerfiles, printer
        self._outputs: dict[object, bytes | BuildFileMistake] = {}
        self._builds: dict[object, RevisionBuilds] = {}

    def read(
        self,
        sha: str,
        tree: GitTree,
        compose: Sequence[str] | None = None,
        bake: Sequence[str] | None = None,
    ) -> RevisionBuilds:
        """Return the builds of a commit's files; None: those at the top with a usual name."""
        key = (sha, *(None if paths is None else tuple(paths) for paths in (compose, bake)))
        if key not in self._builds:
            revision = _Revision(self._git, self._dockerfiles, sha, tree)
            self._builds[key] = self._read_revision(revision, compose, bake)
        return self._builds[key]

    def name_last_stage(self, sha: str, tree: GitTree, dockerfile: str) -> Collection[str]:
        """Return the names by which the last stage of a commit's Dockerfile may be built."""
        return _Revision(self._git, self._dockerfiles, sha, tree).name_last_stage(dockerfile)

    def _read_revision(
        self, revision: "_Revision", compose: Sequence[str] | None, bake: Sequence[str] | None
    ) -> RevisionBuilds:
        project: Sequence[str] = ()
        problems: list[BuildFileProblem] = []
        if compose is None:
            try:
                project = read_compose_paths(revision.read_variables(), self._print)
            except BuildFileMistake as mistake:
                compose = ()
                problems.append(BuildFileProblem((VARIABLES_NAME,), str(mistake)))
        groups = group_files(revision.tree, compose, bake, project)
        parts = [part for group in groups for part in self._read_group(revision, group, problems)]
        return RevisionBuilds(
            tuple(build for part in parts for build in part.builds),
            tuple(skipped for part in parts for skipped in part.skipped),
            tuple(problems),
            list_unread_files(revision.tree, compose, project),
            frozenset(path for part in parts for path in part.paths),
        )

    def _read_group(
        self, revision: "_Revision", group: BuildFileGroup, problems: list[BuildFileProblem]
    ) -> list[FileBuilds]:
        """Return what files declare together; if that fails, what each of them does alone."""
        together = self._try(revision, group)
        # A bake file may inherit from a service: bake reads compose files before it.
        if group.earlier_paths and (isinstance(together, BuildFileMistake) or together.skipped):
            paths = (*group.earlier_paths, *group.paths)
            complete = self._try(revision, replace(group, paths=paths))
            together = _choose_complete(together, complete)
        if not isinstance(together, BuildFileMistake):
            return [together]
        if len(group.paths) == 1:
            problems.append(BuildFileProblem(group.paths, str(together)))
            return []
        own_problems: list[BuildFileProblem] = []
        parts = [
            part
            # One broken file must not hide what the others declare.
            for single in group.split()
            for part in self._read_group(revision, single, own_problems)
        ]
        if group.overrides and not own_problems:
            own_problems.append(BuildFileProblem(group.overrides, str(together)))
        problems += own_problems
        return parts

    def _try(self, revision: "_Revision", group: BuildFileGroup) -> FileBuilds | BuildFileMistake:
        try:
            return self._read_files(revision, group)
        except BuildFileMistake as mistake:
            return mistake

    def _read_files(self, revision: "_Revision", group: BuildFileGroup) -> FileBuilds:
        collected = revision.collect(group)
        # Most compose files only start images that others have built: that needs no process.
        if not collected.has_builds:
            return FileBuilds(paths=tuple(collected.files))
        names = [_make_relative(path, group.folder) for path in group.paths]
        output = self._print(collected.files, group.folder, names)
        file = BuildFile(group.paths, group.source, group.folders)
        targets = parse_bake_document(output)
        builds = locate_builds(file, targets, revision.tree, revision.name_last_stage)
        builds = replace(builds, paths=tuple(collected.files))
        builds = add_machine_options(builds, collected.unused_keys)
        names = [target.name for target in targets]
        return add_machine_options(builds, find_unused_keys(collected.bake_texts, names))

    def _print(self, files: Mapping[str, bytes], folder: str, names: Sequence[str]) -> bytes:
        # By the contents: most changes leave these files as they are, and each answer takes a
        # process.
        key = (tuple(sorted(files.items())), folder, tuple(names))
        if key not in self._outputs:
            try:
                self._outputs[key] = self._printer.print_targets(files, folder, names)
            except BuildFileMistake as mistake:
                self._outputs[key] = mistake
        output = self._outputs[key]
        if isinstance(output, BuildFileMistake):
            raise output
        return output


@dataclass
class _CollectedFiles:
    """The files that bake needs to read a group; `unused_keys` are those of compose services."""

    files: dict[str, bytes] = field(default_factory=dict)
    unused_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bake_texts: list[str] = field(default_factory=list)
    has_builds: bool = False


class _Revision:
    """The files of a commit, as far as compose and bake files lead to them."""

    def __init__(self, git: Git, dockerfiles: Dockerfiles, sha: str, tree: GitTree) -> None:
        self._git, self._dockerfiles, self._sha, self.tree = git, dockerfiles, sha, tree

    def collect(self, group: BuildFileGroup) -> _CollectedFiles:
        """Return the files that bake needs to read a group."""
        collected = _CollectedFiles()
        for path in group.paths:
            self._add_file(path, collected)
        top = self.read_variables() if group.takes_top_variables else b""
        if top and group.folder != ".":
            # Of two values, the last one counts.
            name = f"{group.folder}/{VARIABLES_NAME}"
            collected.files[name] = b"\n".join([collected.files.get(name, b""), top])
        return collected

    def read_variables(self) -> bytes:
        """Return the content of `.env` at the top; empty without one."""
        return self._read(VARIABLES_NAME) if VARIABLES_NAME in self.tree else b""

    def name_last_stage(self, dockerfile: str) -> Collection[str]:
        """Return the names by which the last stage of a Dockerfile may be built."""
        parsed = self._dockerfiles.parse(self._sha, dockerfile) if dockerfile in self.tree else None
        if parsed is None:
            return ()
        stages = parsed.stages
        # A target may be the number of a stage, and names are compared without case, as by
        # BuildKit.
        return {str(len(stages) - 1), (stages[-1].name or "").lower()}

    def _add_file(self, path: str, collected: _CollectedFiles) -> None:
        """Add a file and what it reads."""
        if not path.lower().endswith(_BAKE_SUFFIXES):
            self._add_compose_file(path, collected)
            return
        content = collected.files[path] = self._read(path)
        collected.has_builds = True
        collected.bake_texts.append(content.decode(errors="replace"))

    def _add_compose_file(self, path: str, collected: _CollectedFiles) -> None:
        """Add a compose file and those that it reads."""
        files, unused_keys = collected.files, collected.unused_keys
        if path in files:
            return
        if len(files) >= _MAX_FILES:
            raise BuildFileMistake(f"it reads more than {_MAX_FILES} files")
        reduced = reduce_compose_file(self._read(path).decode(errors="replace"), path)
        files[path] = reduced.content
        collected.has_builds |= reduced.has_builds
        for service, keys in reduced.unused_keys.items():
            unused_keys[service] = (*unused_keys.get(service, ()), *keys)
        variables = str(PurePosixPath(path).with_name(VARIABLES_NAME))
        for name in (*reduced.variable_files, *((variables,) if variables in self.tree else ())):
            files[name] = self._read(name)
        for name in reduced.compose_files:
            self._add_compose_file(name, collected)

    def _read(self, path: str) -> bytes:
        """Return a file of the commit; raise BuildFileMistake for one that it has not."""
        try:
            file = find_config_file(self._git, self._sha, path)
        except InputError as problem:
            raise BuildFileMistake(f"{path}: {problem.why}") from problem
        content = self._git.read_file(self._sha, file) if file else None
        if content is None:
            raise BuildFileMistake(f"the revision has no file {path!r}")
        if len(content) > _MAX_FILE_BYTES:
            size = f"{_MAX_FILE_BYTES // 1_000_000} MB"
            raise BuildFileMistake(f"{path!r} is larger than {size}")
        return content


def _choose_complete(
    alone: FileBuilds | BuildFileMistake, complete: FileBuilds | BuildFileMistake
) -> FileBuilds | BuildFileMistake:
    """Return what bake files declare after the compose files, if they need those."""
    if isinstance(complete, BuildFileMistake):
        return alone
    if isinstance(alone, BuildFileMistake) or len(complete.skipped) < len(alone.skipped):
        return complete
    return alone


def _make_relative(path: str, folder: str) -> str:
    return posixpath.relpath(path, folder)
