"""A job's log as GitHub's runner reads it (actions/runner, src/Runner.Common/ActionCommand.cs).

The runner compares by culture, which ignores some invisible characters. It counts them all the same
when it cuts the name out of a line, so that such a line has no name that it knows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

COMMANDS = frozenset(
    [
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    ]
)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# Char.IsWhiteSpace of .NET, which TrimStart uses.
_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


@dataclass
class RunnerLog:
    """The commands that the runner obeys, and those it would obey if it were not stopped."""

    obeyed: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    token: str = ""

    @property
    def names(self) -> set[str]:
        """Return the names of the commands that are obeyed."""
        return {name for name, _ in self.obeyed}


def read_log(log: str) -> RunnerLog:
    """Read a log; the runner must be listening again at its end."""
    state = RunnerLog()
    for name, data in _find_commands(log):
        if state.token:
            if name == state.token:
                state.token = ""
            elif name in COMMANDS:
                state.ignored.append((name, data))
        elif name == "stop-commands":
            assert len(data) >= 16, "the token can be guessed"
            state.token = data.lower()
        elif name in COMMANDS:
            state.obeyed.append((name, data))
            state.masks += [data] if name == "add-mask" else []
    assert not state.token, "the runner is left stopped"
    return state


def _find_commands(log: str) -> Iterator[tuple[str, str]]:
    for line in _LINE_BREAK.split(log):
        command = _parse_command(line.lstrip(_BLANKS)) or _parse_old_command(line)
        if command:
            yield command


def _parse_command(line: str) -> tuple[str, str] | None:
    """Parse `::name properties::data` at the beginning of a line."""
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    head, _, data = line[2:].partition("::")
    name = head.partition(" ")[0].lower()
    is_token = re.fullmatch("[0-9a-f]{16,}", name)
    return (name, _decode(data)) if name in COMMANDS or is_token else None


def _parse_old_command(line: str) -> tuple[str, str] | None:
    """Parse `##[name properties]data` anywhere in a line."""
    _, opening, rest = line.partition("##[")
    head, closing, data = rest.partition("]")
    return (head.partition(" ")[0].lower(), data) if opening and closing else None


def _decode(data: str) -> str:
    return data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
