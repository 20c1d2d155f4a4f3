"""Paths in the commands of a `RUN`, as the shell that runs them resolves them.

`cd` and variables of the script count, so that `cd /tmp && rm x.tar` removes `/tmp/x.tar`.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from bot.advise.path_patterns import overlaps_pattern
from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Command, CompoundCommand, Word

REMOVE_PROGRAMS = ("rm", "find", "unlink", "truncate", "rmdir")
_FOLDER_PROGRAMS = ("cd", "pushd")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_HOME = re.compile(r"^(?:~|\$HOME|\$\{HOME\})(?=/|$)")
_BRACES = re.compile(r"\{([^{}$]*,[^{}$]*)\}")
_MAX_EXPANSIONS = 100
# Blocks that a shell runs in a process of its own: what `cd` does there ends with them.
_SUBSHELL_KINDS = ("subshell", "substitution")


def find_folder(step: Step, call: Call) -> str | None:
    """Return the folder that a command of a `RUN` runs in; None if it is unknown.

    Relative to a working directory that only the base image defines.
    """
    if call.is_nested:
        return _find_nested_folder(step, call)
    return _find_folder(step, _list_commands(step), call.command, _start_folder(step))


def resolve_word(step: Step, call: Call, word: Word) -> str:
    """Return a word's path, absolute if the folder is known; `~` is a home.

    It holds a variable or a pattern where the word does.
    """
    return _resolve_text(step, word.text, find_folder(step, call))


def list_later_calls(step: Step, calls: Sequence[Call]) -> tuple[Call, ...]:
    """Return the calls behind the last of some, or all if there is none.

    A function may be called behind it, wherever it is defined.
    """
    last = max((step.calls.index(call) for call in calls), default=-1)
    functions = (
        call
        for call in step.calls[: last + 1]
        if any(block.kind == "function" for block in call.command.enclosing)
    )
    return (*functions, *step.calls[last + 1 :])


def list_removed_paths(
    step: Step, calls: Sequence[Call] | None = None
) -> Iterator[tuple[Call, str]]:
    """Yield the paths that the commands of a `RUN`, or some of them, remove, each with its call.

    Also the folders in which a `find` looks for files.
    """
    for call in step.calls if calls is None else calls:
        if call.name in REMOVE_PROGRAMS:
            for word in call.arguments:
                if not word.text.startswith("-"):
                    path = resolve_word(step, call, word)
                    yield from ((call, expanded) for expanded in expand_braces(path))


def removes_path(step: Step, pattern: str, calls: Sequence[Call] | None = None) -> bool:
    """Return True if a `RUN`, or some of its commands, remove a path, or what is in it."""
    return any(overlaps_pattern(path, pattern) for _, path in list_removed_paths(step, calls))


def expand_braces(path: str) -> list[str]:
    """Return the paths that bash makes of `/var/{cache,log}`.

    >>> expand_braces("/var/{cache,log}/x")
    ['/var/cache/x', '/var/log/x']
    """
    paths = [path]
    while len(paths) < _MAX_EXPANSIONS and (match := _BRACES.search(paths[0])):
        first = paths.pop(0)
        paths += [
            f"{first[: match.start()]}{part}{first[match.end() :]}" for part in match[1].split(",")
        ]
    return paths


def _start_folder(step: Step) -> str:
    """Return the working directory; `.` while only the base image defines it."""
    return step.workdir or "."


def _list_commands(step: Step) -> tuple[Command, ...]:
    script = step.instruction.script
    return script.commands if script else ()


def _find_nested_folder(step: Step, call: Call) -> str | None:
    """Return the folder of a command in a `bash -c "…"`, which begins in the shell's own."""
    for command in _list_commands(step):
        if command.inner and call.command in command.inner.commands:
            start = _find_folder(step, _list_commands(step), command, _start_folder(step))
            return _find_folder(step, command.inner.commands, call.command, start)
    return None


def _find_folder(
    step: Step, commands: tuple[Command, ...], target: Command, start: str | None
) -> str | None:
    folder = start
    for command in commands:
        if command is target:
            break
        if command.name in _FOLDER_PROGRAMS and _reaches(command, target):
            folder = _change_folder(step, command, folder)
    return folder


def _change_folder(step: Step, command: Command, folder: str | None) -> str | None:
    operands = [word for word in command.arguments if not word.text.startswith("-")]
    if not operands:
        return None if command.arguments else "~"
    path = _resolve_text(step, operands[0].text, folder)
    is_known = path.startswith(("/", "~")) or folder is not None
    return path if is_known and "$" not in path and "`" not in path else None


def _reaches(command: Command, target: Command) -> bool:
    """Return True if what a command changes in its shell holds for a later one."""
    return all(block in target.enclosing for block in _list_subshells(command))


def _list_subshells(command: Command) -> list[CompoundCommand]:
    return [block for block in command.enclosing if block.kind in _SUBSHELL_KINDS]


def _resolve_text(step: Step, text: str, folder: str | None) -> str:
    values = _list_values(step)
    if not text.startswith("'"):
        text = _fill_in(text, values)
    path = _HOME.sub("~", text.replace('"', "").replace("'", "").replace("\\", ""))
    if path.startswith(("/", "~", "$")) or folder is None:
        return path
    return posixpath.normpath(posixpath.join(folder, path))


def _fill_in(text: str, values: Mapping[str, str]) -> str:
    """Fill in variables of the script, and those of `ENV` and `ARG`."""
    for _ in range(2):  # a value may hold another variable
        text = _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), text)
    return text


def _list_values(step: Step) -> Mapping[str, str]:
    assigned = {
        assignment.name: assignment.value.text.strip("\"'")
        for command in _list_commands(step)
        for assignment in command.assignments
        if assignment.value and "`" not in assignment.value.text
    }
    return {**step.variables, **assigned}
