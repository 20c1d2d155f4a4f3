"""The commands that prepare an image for its program, repeated in the last stage of a rewrite.

Copied files keep their own owner and mode; what a `RUN` does besides (folders, locales, links,
configuration of installed packages) must be done again where the files are copied to.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.dockerfile.source_text import Span
from bot.image.open_image import collect_folders
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_choice import CopyItem
from bot.rewrite.file_selection import PACKAGE_INSTALLERS
from bot.rewrite.folder_modes import runs_other_users

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
)
_FOLDER_PROGRAMS = ("mkdir", "install")
# `mkdir build && cd build && cmake ..`: the folder of a build, if it is empty in the image.
_BUILD_FOLDERS = ("build", "obj", "target", "_build")
_OPTIONS_WITH_VALUE = ("-m", "--mode", "-o", "--owner", "-g", "--group")
_OWNER_PROGRAMS = ("chown", "chgrp")
# Configuration is copied where a RUN by itself wrote it. Below /etc, what a RUN changes that also
# installs packages is taken for theirs: there the command is repeated behind the same installation.
_WRITE_PROGRAMS = ("echo", "printf", "sed", "cat")
# The sources of apt are for the packages of the build.
_CONFIGURATION_PATH = re.compile(r"etc/(?!apt/)")


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
        return self._resolve(self.operands)

    def _resolve(self, words: Iterable[Word]) -> list[str]:
        resolved = (self.step.resolve_path(word.value) for word in words if word.value)
        return [path.lstrip("/") for path in resolved if path]

    def repeat(self) -> str:
        """Return the command for the last stage; empty if that does without it."""
        if self.call.name in _OWNER_PROGRAMS:
            return self._repeat_chown()
        if self.call.name in _FOLDER_PROGRAMS:
            return self._repeat_folders()
        is_needed = _IS_NEEDED.get(self.call.name)
        return self.text if is_needed and is_needed(self) else ""

    def _repeat_folders(self) -> str:
        """Return `mkdir` or `install -d` for the folders that are needed and not copied."""
        if self.call.name == "install" and not self.call.has_option("-d"):
            return ""
        options, folders = self._split_folder_operands()
        needed = [word for word in folders if self._is_folder_needed(word)]
        # Unchanged, the command keeps the quotes and line breaks of the file.
        if len(needed) == len(folders):
            return self.text if needed else ""
        return " ".join([self.call.name, *options, *(x.text for x in needed)]) if needed else ""

    def _split_folder_operands(self) -> tuple[list[str], list[Word]]:
        """Return the options with their values, and the folders."""
        options: list[str] = []
        folders: list[Word] = []
        is_value = False
        for word in self.call.arguments:
            if is_value or _is_option(word):
                options.append(word.text)
            else:
                folders.append(word)
            is_value = not is_value and (word.value or "") in _OPTIONS_WITH_VALUE
        return options, folders

    def _is_folder_needed(self, word: Word) -> bool:
        """Return True for a folder that is still there and that no COPY creates.

        One of which every file stays behind was for the build.
        """
        path = (self.step.resolve_path(word.value or "") or "").lstrip("/")
        # An unknown path has a variable: the last stage may not set it.
        if not path or _is_inside(path, self.copied.folders):
            return False
        if not _folder_exists(self.facts, path):
            return False
        built, clean = self.facts.built, posixpath.normpath(path)
        below = [name for name in built.tree if name.startswith(f"{clean}/")]
        if not below and posixpath.basename(clean) in _BUILD_FOLDERS:
            return False
        if any(_is_inside(name, self.copied.paths) for name in below):
            return False
        return not below or not all(name in built.own_files for name in below)

    def changes_modes(self) -> bool:
        """Return True if it changes the modes of files that do not come with theirs.

        Where root alone runs, the mode of a folder has no effect.
        """
        targets = [posixpath.normpath(path) for path in self._resolve(self.operands[1:])]
        if not targets or any(_overlaps(path, self.copied.paths) for path in targets):
            return False
        # A file that is left behind, such as the Maven wrapper.
        if any(path in self.facts.built.own_files for path in targets):
            return False
        directories = self.facts.built.image.directories
        are_folders = all(path in directories for path in targets)
        return not are_folders or runs_other_users(self.facts)

    def touches_system(self) -> bool:
        """Return True if it creates a file outside of the project's folder."""
        folder = f"{self.facts.workdir}/"
        is_outside = not any(f"{path}/".startswith(folder) for path in self.paths)
        return is_outside and self.sets_up_system()

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

    def _is_created_by_copies(self, path: str) -> bool:
        """Return True for a folder that a `mkdir` made and only a later `COPY` makes now.

        There is no such folder yet, and its owner is set behind the copies.
        """
        if not _overlaps(path, self.copied.paths):
            return False
        steps = self.facts.rule_input.steps_before(self.step)
        workdirs = [step.workdir.lstrip("/") for step in (*steps, self.step) if step.workdir]
        if any(_is_inside(folder, [path]) for folder in workdirs):
            return False
        creations = [
            (setup, word)
            for step in (*steps, self.step)
            for call in step.calls
            if call.name in _FOLDER_PROGRAMS
            for setup in [replace(self, step=step, call=call)]
            for word in setup.operands
            if any(_is_inside(folder, [path]) for folder in setup._resolve([word]))
        ]
        is_kept = any(setup._is_folder_needed(word) for setup, word in creations)
        return bool(creations) and not is_kept

    def _comes_with_owners(self, path: str) -> bool:
        """Return True for a folder of copied parts alone: these get their owners with them."""
        clean = posixpath.normpath(path)
        built = self.facts.built
        # One with files that are not copied is not in the last stage.
        filled = collect_folders(built.own_files)
        below = [x for x in built.own_folders if x.startswith(f"{clean}/") and x not in filled]
        return (
            self.call.is_recursive
            and clean in self.facts.built.own_folders
            and _overlaps(clean, self.copied.paths)
            and all(_overlaps(folder, self.copied.paths) for folder in below)
        )

    def _repeat_chown(self) -> str:
        """Return the change of owner, of folders alone where files come with their owners."""
        targets = self.operands[1:]
        remaining = [
            (word, path.lstrip("/"))
            for word in targets
            if (path := self.step.resolve_path(word.value or ""))
            and not _is_inside(path[1:], self.copied.folders)
            and not self._is_created_by_copies(path[1:])
        ]
        if not remaining:
            return ""
        remaining = [(word, path) for word, path in remaining if not self._comes_with_owners(path)]
        if not remaining:
            return ""
        owner = self.operands[0].text
        names = " ".join(word.text for word, _ in remaining)
        if any(_overlaps(path, self.copied.paths) for _, path in remaining):
            # A file that is copied with its owner would be in one layer more.
            if self.call.is_recursive:
                return f"find {names} -type d -exec {self.call.name} {owner} {{}} +"
            return f"{self.call.name} {owner} {names}"
        if len(remaining) == len(targets):
            return self.text
        options = [word.text for word in self.call.arguments if _is_option(word)]
        return " ".join([self.call.name, *options, owner, names])


_IS_NEEDED: Mapping[str, Callable[[_SetupCall], bool]] = {
    "chmod": _SetupCall.changes_modes,
    "touch": _SetupCall.touches_system,
    "rm": _SetupCall.removes_configuration,
    **dict.fromkeys(_SYSTEM_SETUP_PROGRAMS, _SetupCall.sets_up_system),
    **dict.fromkeys(_WRITE_PROGRAMS, _SetupCall.writes_configuration),
}


def list_setup_commands(
    facts: BuildFacts, step: Step, items: Iterable[CopyItem], folders: Iterable[str] = ()
) -> tuple[str, ...]:
    """List the commands of a `RUN` that the last stage runs, too.

    The items are copied there, and the folders are created with their owners and modes.
    """
    items, created = tuple(items), tuple(folders)
    copied = _CopiedPaths(
        (*(item.path for item in items if item.is_folder), *created),
        (*(item.path for item in items), *created),
    )
    installs = any(call.name in PACKAGE_INSTALLERS for call in step.calls)
    texts = (
        _SetupCall(facts, step, call, copied, installs).repeat()
        for call in step.calls
        # A command inside of `if`, a loop or `$(…)` would do something else without it.
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
