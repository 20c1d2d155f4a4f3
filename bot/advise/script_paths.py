"""Paths in the commands of a `RUN`, as the shell that runs them resolves them."""

import re
from collections.abc import Iterator, Sequence

from bot.advise.path_patterns import covers_pattern, overlaps_pattern
from bot.advise.shell_folders import resolve_text
from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word

REMOVE_PROGRAMS = ("rm", "find", "unlink", "truncate", "rmdir")
# With these alone, `find` removes whatever is below its folders.
_FIND_OPTIONS = frozenset({"-delete", "-depth", "-mindepth", "-mount", "-xdev"})
_BRACES = re.compile(r"\{([^{}$]*,[^{}$]*)\}")
# `{a,b}{a,b}…` doubles with each pair: twenty of them would be a million paths.
_MAX_EXPANSIONS = 100


def find_folder(step: Step, call: Call) -> str | None:
    """Return the folder that a command of a `RUN` runs in; None if it is unknown.

    Relative to a working directory that only the base image defines.
    """
    return step.folders.find(call.command)


def resolve_word(step: Step, call: Call, word: Word) -> str:
    """Return a word's path, absolute if the folder is known; `~` is a home.

    It holds a variable or a pattern where the word does.
    """
    return resolve_text(word.text, find_folder(step, call), step.folders.values)


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
    return any(
        overlaps_pattern(path, pattern) or (removes_all(call) and covers_pattern(path, pattern))
        for call, path in list_removed_paths(step, calls)
    )


def removes_all(call: Call) -> bool:
    """Return True for `rm`, and for a `find` that deletes all that is below its folders."""
    options = {word.text for word in call.arguments if word.text.startswith("-")}
    is_find = call.name == "find" and "-delete" in options and options <= _FIND_OPTIONS
    return call.name == "rm" or is_find


def removes_folder(step: Step, folder: str, calls: Sequence[Call]) -> bool:
    """Return True if some commands of a `RUN` remove a folder by its path, or one above it."""
    return any(
        removes_all(call)
        and path.startswith("/")
        and f"{folder}/".startswith(f"{path.rstrip('/')}/")
        for call, path in list_removed_paths(step, calls)
    )


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
