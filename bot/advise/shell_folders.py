"""The folder that each command of a script runs in, and paths as its shell resolves them.

`cd` and variables of the script count, so that `cd /tmp && rm x.tar` removes `/tmp/x.tar`. All
folders of a script are found in one pass.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.dockerfile.shell_script import Command, CompoundCommand

_FOLDER_PROGRAMS = ("cd", "pushd")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_HOME = re.compile(r"^(?:~|\$HOME|\$\{HOME\})(?=/|$)")
# Blocks that a shell runs in a process of its own: what `cd` does there ends with them.
_SUBSHELL_KINDS = ("subshell", "substitution")

_Blocks = tuple[CompoundCommand, ...]


def list_script_values(commands: Iterable[Command]) -> Mapping[str, str]:
    """Return the variables that a script sets, as far as their values show."""
    return {
        assignment.name: assignment.value.text.strip("\"'")
        for command in commands
        for assignment in command.assignments
        if assignment.value and "`" not in assignment.value.text
    }


def resolve_text(text: str, folder: str | None, values: Mapping[str, str]) -> str:
    """Return the path of a word, absolute if the folder is known; `~` is a home.

    It holds a variable or a pattern where the word does.
    """
    if not text.startswith("'"):
        for _ in range(2):  # a value may hold another variable
            text = _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), text)
    path = _HOME.sub("~", text.replace('"', "").replace("'", "").replace("\\", ""))
    if path.startswith(("/", "~", "$")) or folder is None:
        return path
    return posixpath.normpath(posixpath.join(folder, path))


@dataclass(slots=True)
class ShellFolders:
    """The folders of a script's commands; None where a folder is unknown.

    They are relative to a working directory that only the base image defines.
    """

    values: Mapping[str, str]
    _by_command: dict[int, str | None] = field(default_factory=dict)

    def find(self, command: Command) -> str | None:
        """Return the folder that a command runs in."""
        return self._by_command.get(id(command))

    def read(self, commands: Iterable[Command], start: str | None) -> None:
        """Read a script that starts in a folder, and what its shells get with `-c`."""
        current: dict[_Blocks, str | None] = {(): start}
        for command in commands:
            blocks = tuple(x for x in command.enclosing if x.kind in _SUBSHELL_KINDS)
            if blocks not in current:
                outer = (blocks[:count] for count in range(len(blocks), -1, -1))
                current[blocks] = current[next(x for x in outer if x in current)]
            # By identity: equal commands of a script may run in two folders.
            self._by_command[id(command)] = current[blocks]
            if command.inner:
                self.read(command.inner.commands, current[blocks])
            if command.name in _FOLDER_PROGRAMS:
                current[blocks] = self._change_folder(command, current[blocks])

    def _change_folder(self, command: Command, folder: str | None) -> str | None:
        operands = [word for word in command.arguments if not word.text.startswith("-")]
        if not operands:
            # `cd -` goes back, to where is not followed; `cd` alone goes home.
            return None if command.arguments else "~"
        path = resolve_text(operands[0].text, folder, self.values)
        is_known = path.startswith(("/", "~")) or folder is not None
        return path if is_known and "$" not in path and "`" not in path else None
