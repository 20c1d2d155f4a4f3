"""The commands that prepare an image for its program, repeated in the last stage of a rewrite.

Copied files keep their own owner and mode; what a `RUN` does besides (folders, locales, links,
configuration of installed packages) must be done again where the files are copied to.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.dockerfile.source_text import Span
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_choice import CopyItem
from bot.rewrite.file_selection import PACKAGE_INSTALLERS

# They change what the distribution keeps of its own, in no file that is copied.
_SYSTEM_SETUP_PROGRAMS = (
    "locale-gen",
    "update-locale",
    "localedef",
    "update-ca-certificates",
    "setcap",
    "dpkg-reconfigure",
    "update-alternatives",
    "a2enmod",
    "a2dismod",
    "a2ensite",
    "a2dissite",
    "ln",
    "touch",
)
_OWNER_PROGRAMS = ("chown", "chgrp")
_WRITE_PROGRAMS = ("echo", "printf", "sed", "cat")
# The sources of apt are for the packages of the build.
_CONFIGURATION_PATH = re.compile(r"etc/(?!apt/)")
_RECURSIVE_OPTIONS = ("-R", "-Rf", "--recursive", "-fR", "-hR", "-Rh")


@dataclass(frozen=True, slots=True)
class _CopiedPaths:
    """The paths that `COPY` adds to the last stage; `folders` are those that come whole."""

    folders: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class _SetupCall:
    """One command of a `RUN`, and what decides whether the last stage repeats it."""

    facts: BuildFacts
    step: Step
    call: Call
    copied: _CopiedPaths
    installs_packages: bool

    @cached_property
    def text(self) -> str:
        """The command as written in the file, its redirections included."""
        command = self.call.command
        ends = [command.span.end, *(x.span.end for x in command.redirections)]
        starts = [command.span.start, *(x.span.start for x in command.assignments)]
        source = self.facts.rule_input.dockerfile.source
        return source.text_at(Span(min(starts), max(ends))).text.strip()

    @cached_property
    def operands(self) -> list[Word]:
        """The arguments that are no options."""
        return [word for word in self.call.arguments if not _is_option(word)]

    @cached_property
    def paths(self) -> list[str]:
        """The operands as paths of the image, without a leading slash, if they are known."""
        resolved = (self.step.resolve_path(x.value) for x in self.operands if x.value)
        return [path.lstrip("/") for path in resolved if path]

    def repeat(self) -> str:
        """Return the command for the last stage; empty if that does without it."""
        if self.call.name in _OWNER_PROGRAMS:
            return self._repeat_chown()
        is_needed = _IS_NEEDED.get(self.call.name)
        return self.text if is_needed and is_needed(self) else ""

    def creates_folders(self) -> bool:
        """Return True if it creates folders that are not copied and are still in the image."""
        if self.call.name == "install" and not self.call.has_option("-d"):
            return False
        created = [path for path in self.paths if not _is_inside(path, self.copied.folders)]
        return bool(created) and all(_folder_exists(self.facts, path) for path in created)

    def changes_modes(self) -> bool:
        """Return True if it changes the modes of files that do not come with theirs."""
        targets = self.paths[1:]
        return bool(targets) and not any(_overlaps(path, self.copied.paths) for path in targets)

    def sets_up_system(self) -> bool:
        """Return True if its last operand, where it has one, is not copied."""
        return not any(_is_inside(path, self.copied.paths) for path in self.paths[-1:])

    def removes_configuration(self) -> bool:
        """Return True if it removes configuration of a package that is installed again."""
        return bool(self.paths) and all(map(_CONFIGURATION_PATH.match, self.paths))

    def writes_configuration(self) -> bool:
        """Return True if it writes below `/etc` for the packages that the same `RUN` installs."""
        call = self.call
        redirections = [x for x in call.command.redirections if x.target and ">" in x.operator]
        outputs = [x.target.value for x in redirections if x.target]
        edited = call.known_arguments if call.name == "sed" and call.has_option("-i") else ()
        paths = [x[1:] for x in (*outputs, *edited) if x and x.startswith("/etc/")]
        return self.installs_packages and bool(paths) and all(map(_CONFIGURATION_PATH.match, paths))

    def _repeat_chown(self) -> str:
        """Return the change of owner, of folders alone where files come with their owners."""
        targets = self.operands[1:]
        remaining = [
            (word, path.lstrip("/"))
            for word in targets
            if (path := self.step.resolve_path(word.value or ""))
            and not _is_inside(path[1:], self.copied.folders)
        ]
        if not remaining:
            return ""
        owner = self.operands[0].text
        names = " ".join(word.text for word, _ in remaining)
        if any(_overlaps(path, self.copied.paths) for _, path in remaining):
            # A file that is copied with its owner would be in one layer more.
            if self.call.has_option(*_RECURSIVE_OPTIONS):
                return f"find {names} -type d -exec {self.call.name} {owner} {{}} +"
            return f"{self.call.name} {owner} {names}"
        if len(remaining) == len(targets):
            return self.text
        options = [word.text for word in self.call.arguments if _is_option(word)]
        return " ".join([self.call.name, *options, owner, names])


_IS_NEEDED: Mapping[str, Callable[[_SetupCall], bool]] = {
    "mkdir": _SetupCall.creates_folders,
    "install": _SetupCall.creates_folders,
    "chmod": _SetupCall.changes_modes,
    "rm": _SetupCall.removes_configuration,
    **dict.fromkeys(_SYSTEM_SETUP_PROGRAMS, _SetupCall.sets_up_system),
    **dict.fromkeys(_WRITE_PROGRAMS, _SetupCall.writes_configuration),
}


def list_setup_commands(
    facts: BuildFacts, step: Step, items: Iterable[CopyItem]
) -> tuple[str, ...]:
    """List the commands of a `RUN` that the last stage runs, too; the items are copied there."""
    items = tuple(items)
    copied = _CopiedPaths(
        tuple(item.path for item in items if item.is_folder), tuple(item.path for item in items)
    )
    installs = any(call.name in PACKAGE_INSTALLERS for call in step.calls)
    texts = (
        _SetupCall(facts, step, call, copied, installs).repeat()
        for call in step.calls
        if not call.command.enclosing
    )
    return tuple(text for text in texts if text)


def _is_option(word: Word) -> bool:
    return (word.value or "").startswith("-")


def _folder_exists(facts: BuildFacts, path: str) -> bool:
    """Return True if a folder is in the finished image, or if that is unknown."""
    directories = facts.built.image.directories
    is_known = directories and "{" not in path  # `mkdir {a,b}` is several
    clean = posixpath.normpath(path)
    return not is_known or clean in directories or clean in facts.built.folders


def _is_inside(path: str, folders: Iterable[str]) -> bool:
    return any(path == x or path.startswith(f"{x}/") for x in folders)


def _overlaps(path: str, paths: Iterable[str]) -> bool:
    """Return True if a path is one of several, or is below or above one of them."""
    clean = posixpath.normpath(path)
    return any(_is_inside(clean, [x]) or x.startswith(f"{clean}/") for x in paths)
