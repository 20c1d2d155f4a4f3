"""What a Dockerfile does to prepare a place for its program, done again in the last stage."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Command, Word
from bot.dockerfile.source_text import Span
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_plan import CopyItem
from bot.rewrite.file_selection import PACKAGE_INSTALLERS

# They change what the distribution keeps of its own, in no file that is copied.
_SYSTEM_SETUP_PROGRAMS = (
    *("locale-gen", "update-locale", "localedef", "update-ca-certificates", "setcap"),
    *("dpkg-reconfigure", "update-alternatives", "a2enmod", "a2dismod", "a2ensite", "a2dissite"),
    *("ln", "touch"),
)
_FOLDER_PROGRAMS = ("mkdir", "install")
_OWNER_PROGRAMS = ("chown", "chgrp")
_CONFIGURATION_PATH = re.compile(r"etc/(?!apt/)")
_WRITE_PROGRAMS = ("echo", "printf", "sed", "cat")


@dataclass(frozen=True, slots=True)
class _CopiedPaths:
    """What is copied already: whole folders, and all paths that a COPY names."""

    folders: tuple[str, ...]
    paths: tuple[str, ...]


def list_setup_commands(
    facts: BuildFacts, step: Step, items: Iterable[CopyItem]
) -> tuple[str, ...]:
    """The commands of a `RUN` that the last stage runs too; `pieces` are copied already."""
    every = tuple(items)
    folders = tuple(x.path for x in every if x.is_folder)
    copied = _CopiedPaths(folders, tuple(x.path for x in every))
    installs = any(call.name in PACKAGE_INSTALLERS for call in step.calls)
    return tuple(
        text
        for call in step.calls
        if not call.command.enclosing
        for text in _repeat_call(facts, step, call, copied, installs_packages=installs)
    )


def _repeat_call(
    facts: BuildFacts, step: Step, call: Call, copied: _CopiedPaths, *, installs_packages: bool
) -> Iterator[str]:
    text = _read_command_text(facts, call.command)
    operands = [x for x in call.arguments if not (x.value or "").startswith("-")]
    places = [step.resolve_path(x.value or "") for x in operands if x.value]
    paths = [x.lstrip("/") for x in places if x]
    if call.name in _FOLDER_PROGRAMS and (call.name == "mkdir" or call.has_option("-d")):
        made = [path for path in paths if not _is_inside(path, copied.folders)]
        if made and all(_folder_exists(facts, path) for path in made):
            yield text
    elif call.name in _OWNER_PROGRAMS:
        yield from _repeat_chown(step, call, operands, text, copied)
    elif call.name == "chmod":
        targets = paths[1:]
        if targets and not any(_overlaps(path, copied.paths) for path in targets):
            yield text
    elif call.name in _SYSTEM_SETUP_PROGRAMS:
        if not any(_is_inside(path, copied.paths) for path in paths[-1:]):
            yield text
    elif call.name == "rm" and paths and all(map(_CONFIGURATION_PATH.match, paths)):
        yield text  # of a package that is installed again
    elif call.name in _WRITE_PROGRAMS and installs_packages and _writes_configuration(call):
        yield text


def _repeat_chown(
    step: Step, call: Call, operands: list[Word], text: str, copied: _CopiedPaths
) -> Iterator[str]:
    """A change of owner, of folders alone where files came with theirs."""
    targets = [(word, step.resolve_path(word.value or "")) for word in operands[1:]]
    left = [
        (word, x.lstrip("/")) for word, x in targets if x and not _is_inside(x[1:], copied.folders)
    ]
    if not left:
        return
    owner = operands[0].text
    names = " ".join(word.text for word, _ in left)
    if not any(_overlaps(path, copied.paths) for _, path in left):
        options = [x.text for x in call.arguments if (x.value or "").startswith("-")]
        # What is copied with its owner would be a layer once more.
        some = " ".join([call.name, *options, owner, names])
        yield text if len(left) == len(targets) else some
        return
    if call.has_option("-R", "-Rf", "--recursive", "-fR", "-hR", "-Rh"):
        yield f"find {names} -type d -exec {call.name} {owner} {{}} +"
    else:
        yield f"{call.name} {owner} {names}"


def _writes_configuration(call: Call) -> bool:
    """Whether a command writes below `/etc`."""
    written = [x.target.value for x in call.command.redirections if x.target and ">" in x.operator]
    edited = call.known_arguments if call.name == "sed" and call.has_option("-i") else ()
    places = [x for x in (*written, *edited) if x and x.startswith("/etc/")]
    return bool(places) and not any(x.startswith("/etc/apt/") for x in places)


def _read_command_text(facts: BuildFacts, command: Command) -> str:
    """A command as it stands in the file, its redirections included."""
    ends = [command.span.end, *(x.span.end for x in command.redirections)]
    starts = [command.span.start, *(x.span.start for x in command.assignments)]
    return facts.rule_input.dockerfile.source.text_at(Span(min(starts), max(ends))).text.strip()


def _folder_exists(facts: BuildFacts, path: str) -> bool:
    """Whether a folder was still there when the image was done, as far as that is known."""
    known = facts.built.image.directories and "{" not in path
    clean = posixpath.normpath(path)
    return not known or clean in facts.built.image.directories or clean in facts.built.folders


def _is_inside(path: str, folders: Iterable[str]) -> bool:
    return any(path == x or path.startswith(f"{x}/") for x in folders)


def _overlaps(path: str, paths: Iterable[str]) -> bool:
    """Whether a path is one of several, lies in one, or above one."""
    clean = posixpath.normpath(path)
    return any(_is_inside(clean, [x]) or x.startswith(f"{clean}/") for x in paths)
