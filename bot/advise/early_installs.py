"""Installs that read no sources: only the files that declare dependencies, or nothing at all.

What one reads is taken from its command and from the build context. Where any of it is not sure,
the install counts as one that needs the sources.
"""

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.advise.install_tools import (
    INSTALL_TOOLS,
    SCANNING_OPTIONS,
    InstallTool,
    reads_sources,
)
from bot.advise.project_files import needs_sources_to_install
from bot.advise.requirement_files import list_pip_packages, list_requirement_files
from bot.advise.script_paths import find_folder
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS
from bot.dockerfile.shell_script import Command
from bot.dockerfile.source_text import Span

# Programs that read nothing of a project, whatever their operands are.
_INDEPENDENT_PROGRAMS = frozenset(
    {"addgroup", "adduser", "cd", "corepack", "echo", "export", "groupadd", "mkdir", "set"}
    | {"true", "useradd"}
)
_LOCAL_PACKAGE = re.compile(r"\.{0,2}/.*|\.|.*\.(?:deb|rpm|apk|gem|whl|zip|tar\.gz|tgz)")
_OTHER_FOLDER_OPTIONS = ("--prefix", "-C", "--cwd", "--dir", "-d", "--working-dir", "--gemfile")
_GLOBAL_OPTIONS = ("-g", "--global")
_INSTALLERS = frozenset({*INSTALL_SUBCOMMANDS, *INSTALL_TOOLS, "gem", "pip"})
# What these set holds for the commands behind them; Go builds with the cache of its download,
# which a mount keeps.
_UNSPLIT_PROGRAMS = frozenset({"cd", "export", "set", "go"})


@dataclass(frozen=True, slots=True)
class EarlyRun:
    """A `RUN`, or its first commands, and the files of the context that they read.

    `joint` is what joins them to the next command; None if they are all of it.
    """

    step: Step
    files: tuple[str, ...]
    joint: Span | None = None

    @property
    def installs(self) -> bool:
        """True if it calls a package manager."""
        return self.joint is not None or any(x.name in _INSTALLERS for x in self.step.calls)


def find_early_run(rule_input: RuleInput, step: Step, target: str) -> EarlyRun | None:
    """Return what of a `RUN` needs no sources; None if it may need them from its beginning on.

    `target` is the folder of the image that has the whole context.
    """
    files = _list_read_files(rule_input, step.calls, step, target)
    if files is not None:
        return EarlyRun(step, files)
    count = _count_leading_calls(step)
    while count:
        calls, joint = step.calls[:count], _find_joint(step.calls[count].command)
        files = _list_read_files(rule_input, calls, step, target)
        has_comment = b"#" in rule_input.dockerfile.source.data[joint.start : joint.end]
        is_install = any(call.name in _INSTALLERS for call in calls)
        if files is not None and is_install and not has_comment:
            return EarlyRun(step, files, joint)
        count -= 1
    return None


def _find_joint(command: Command) -> Span:
    """Return the bytes between a command and the one before it."""
    start = command.separator.span.start if command.separator else command.span.start
    return Span(start, command.span.start)


def _count_leading_calls(step: Step) -> int:
    """Return behind how many of its calls a `RUN` can be split into two; 0 if it cannot be."""
    instruction = step.instruction
    commands = instruction.script.commands if instruction.script else ()
    operators = {command.separator.operator for command in commands if command.separator}
    is_plain = len(commands) == len(step.calls) and not any(
        command.enclosing or command.assignments for command in commands
    )
    if instruction.flags or instruction.heredocs or not is_plain or operators != {"&&"}:
        return 0
    fixed = (index for index, call in enumerate(step.calls) if call.name in _UNSPLIT_PROGRAMS)
    return min([len(step.calls) - 1, *fixed])


def _list_read_files(
    rule_input: RuleInput, calls: Sequence[Call], step: Step, target: str
) -> tuple[str, ...] | None:
    """Return the files that calls of a `RUN` read; None if they may read any of them."""
    context = rule_input.context
    if context is None or not calls:
        return None
    names: list[str] = []
    for call in calls:
        install = _InstallCall(rule_input, context, step, call, target)
        files = install.list_files()
        if files is None or any(name not in context.file_sizes for name in files):
            return None
        names += files
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class _InstallCall:
    """One call of a `RUN`, and what it may read."""

    rule_input: RuleInput
    context: BuildContext
    step: Step
    call: Call
    target: str

    def list_files(self) -> Sequence[str] | None:
        """Return the files that the call reads; None if they are not known."""
        call = self.call
        is_fed = any("<" in x.operator for x in call.command.redirections)
        if is_fed or call.is_nested or any(word.value is None for word in call.arguments):
            return None
        if call.name in _INDEPENDENT_PROGRAMS:
            return ()
        if call.name == "rm":
            return None if any(map(self._may_be_source, self._values)) else ()
        if call.name in INSTALL_SUBCOMMANDS or call.name == "gem":
            return None if any(map(_LOCAL_PACKAGE.fullmatch, self._values)) else ()
        return self._list_pip_files() if call.name == "pip" else self._list_tool_files()

    @property
    def _values(self) -> Sequence[str]:
        return [x for x in self.call.known_arguments if not x.startswith("-")]

    @property
    def _folder(self) -> str | None:
        """The folder of the context that the call runs in, empty for all; None if it is none."""
        folder = find_folder(self.step, self.call)
        return self._find_source(folder) if folder else None

    def _find_source(self, path: str) -> str | None:
        """Return the path in the context of one in the image; None if it is not below `target`."""
        below = posixpath.relpath(path, self.target) if posixpath.isabs(path) else ".."
        if below.startswith(".."):
            return None
        return "" if below == "." else below

    def _may_be_source(self, path: str) -> bool:
        return not posixpath.isabs(path) or self._find_source(path) is not None

    def _list_tool_files(self) -> Sequence[str] | None:
        tool = INSTALL_TOOLS.get(self.call.name)
        if tool is None:
            return None
        words = tuple(word.value or "" for word in self.call.operands)
        if words[:1] and words[0] in tool.settings:
            return ()
        verb = next((x for x in tool.installs if words[: len(x.split())] == tuple(x.split())), None)
        packages = words[len((verb or "").split()) :]
        if verb is None or any(map(_LOCAL_PACKAGE.fullmatch, packages)):
            return None
        if self.call.has_option(*_GLOBAL_OPTIONS):
            return ()
        # A package by its name is added to the manifest, which a later COPY would overwrite.
        return None if packages else self._list_manifests(tool)

    def _list_manifests(self, tool: InstallTool) -> Sequence[str] | None:
        folder, call = self._folder, self.call
        option = tool.required_option
        if folder is None or call.has_option(*_OTHER_FOLDER_OPTIONS, *SCANNING_OPTIONS):
            return None
        if option and not call.has_option(option):
            return None
        names = (tool.manifest, *tool.others)
        manifest, *others = (posixpath.join(folder, name) for name in names)
        extra = {posixpath.join(folder, name) for name in tool.folders}
        if any(name in extra or _is_below(name, extra) for name in self.context.file_sizes):
            return None
        text = self.context.read_text(manifest)
        if not text or reads_sources(tool, text) or self._needs_sources():
            return None
        return [manifest, *(name for name in others if name in self.context.file_sizes)]

    def _needs_sources(self) -> bool:
        is_covered = self.call.name in ("npm", "yarn", "pnpm", "bundle", "composer")
        return is_covered and needs_sources_to_install(self.rule_input, self.call)

    def _list_pip_files(self) -> Sequence[str] | None:
        if any(map(_LOCAL_PACKAGE.fullmatch, list_pip_packages(self.call))):
            return None
        return list_requirement_files(self.call, self.context.read_text, self._find_named)

    def _find_named(self, name: str) -> str | None:
        """Return the path in the context of a file that the command names."""
        if posixpath.isabs(name):
            return self._find_source(name)
        folder = self._folder
        return None if folder is None else posixpath.normpath(posixpath.join(folder, name))


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)
