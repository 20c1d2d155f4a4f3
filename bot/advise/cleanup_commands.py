"""Cleanup commands, put where they run if, and only if, the program ran that they call.

A command at the end of a `RUN` is what people write. It is wrong where the program is only
there in a branch (`if …; then . nvm.sh && npm install; fi`), or is removed before the end. And
where the `RUN` empties `/tmp`, the command comes before that: programs leave files there again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.advise.dockerfile_changes import append_command, sets_errexit
from bot.advise.path_patterns import covers_pattern
from bot.advise.script_paths import list_later_calls, list_removed_paths, removes_all
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import REMOVE_SUBCOMMANDS
from bot.dockerfile.shell_script import Command, Script
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile

PROGRAM, SUDO = "{program}", "{sudo}"
# A command substitution may not give the same a second time.
_UNREPEATABLE = ("\n", "`", "$(")
_TEMPORARY = "/tmp"  # noqa: S108 - where npm of Node 22 keeps compiled code
_MAX_FILLS = 50  # nobody writes as many into one `RUN`
_TEST_PROGRAMS = ("[", "[[", "test", "command", "which", "type", "hash")
_FOLDER_PROGRAMS = ("cd", "pushd", "popd")
_MOVING_PROGRAMS = ("rm", "mv", "unlink", "find")
# Folders in which a package manager may be.
_PROGRAM_FOLDERS = ("bin", "/usr", "/opt", "node", "nvm", "ruby", "gem", "conda", "mamba")


@dataclass(frozen=True)
class Cleanup:
    """A command that empties a cache, and the calls that fill it.

    In `template`, `{program}` is the program as the last call wrote it, with its assignments and
    wrappers; `{sudo}` is a `sudo ` if that call has one. An empty one stands for no command.
    `program` is another one in the same folder: `gem` beside `bundle`.
    """

    template: str
    fills: list[Call]
    program: str = ""

    @property
    def is_safe(self) -> bool:
        """Return False under `sudo`, which may allow a user this command and not another."""
        return not any("sudo" in call.wrappers for call in self.fills)

    @property
    def needs_program(self) -> bool:
        """Return True if the command calls the package manager itself."""
        return PROGRAM in self.template

    def write(self, rule_input: RuleInput, call: Call) -> str | None:
        """Return the command as it is to be written behind a call; None if that is unclear."""
        program = rule_input.dockerfile.source.text_at(call.program_span).text
        if self.program:
            # A project's own `bin/bundle` has no `bin/gem` beside it.
            folder = "" if is_relative(call) else program.removesuffix(call.name)
            program = folder + self.program
        if self.needs_program and any(x in program for x in _UNREPEATABLE):
            return None
        sudo = "sudo " if "sudo" in call.wrappers else ""
        return self.template.replace(PROGRAM, program).replace(SUDO, sudo)


def add_cleanup(rule_input: RuleInput, step: Step, cleanup: Cleanup) -> tuple[TextChange, ...]:
    """Add a cleanup to a `RUN`; return nothing if no place for it is right."""
    script, last = step.instruction.script, cleanup.fills[-1]
    command = cleanup.write(rule_input, last)
    if not command or script is None:
        return ()
    if not cleanup.needs_program:
        return append_command(rule_input.dockerfile, step.instruction, command)
    if any(call.is_nested for call in cleanup.fills):
        return ()  # `bash -lc` may have another PATH
    if _runs_always(script, last.command) and not _may_lose_program(step, last):
        return _insert_before_removal(rule_input, step, last, command) or append_command(
            rule_input.dockerfile, step.instruction, command
        )
    return add_cleanup_behind(rule_input, step, cleanup)


def _insert_before_removal(
    rule_input: RuleInput, step: Step, fill: Call, command: str
) -> tuple[TextChange, ...]:
    """Insert a command before the first one that empties `/tmp` behind a call.

    Return nothing if there is none, or if it does not run in each build.
    """
    removals = list_removed_paths(step, list_later_calls(step, [fill]))
    emptying = (
        call for call, path in removals if removes_all(call) and covers_pattern(path, _TEMPORARY)
    )
    removal, script = next(emptying, None), step.instruction.script
    separator = removal.command.separator if removal else None
    if removal is None or removal.is_nested or script is None or separator is None:
        return ()
    if separator.operator not in ("&&", ";") or not _runs_always(script, removal.command):
        return ()
    start = removal.command.span.start
    text = _write_before(rule_input.dockerfile, start, command, separator.operator)
    return (TextChange(Span(start, start), text),)


def _write_before(dockerfile: Dockerfile, offset: int, command: str, operator: str) -> str:
    """Write a command before another one: on a line of its own, if that begins its line."""
    source = dockerfile.source
    line_start = source.line_start(source.line_at(offset))
    margin = source.text_at(Span(line_start, offset)).text
    joined = f"{command} &&" if operator == "&&" else f"{command};"
    if not margin.strip():
        return f"{joined} {dockerfile.escape}{source.newline}{margin}"
    if margin.strip() == operator == "&&":
        return f"{command} {dockerfile.escape}{source.newline}{margin}"
    return f"{joined} "


def add_cleanup_behind(
    rule_input: RuleInput, step: Step, cleanup: Cleanup
) -> tuple[TextChange, ...]:
    """Insert a cleanup behind each call; return nothing if that could change the script.

    Behind the last call alone if it always runs: `(cd a && npm ci) && (cd b && npm ci)`.
    """
    changes = []
    if len(cleanup.fills) > _MAX_FILLS or any(call.is_nested for call in cleanup.fills):
        return ()
    script, last = step.instruction.script, cleanup.fills[-1]
    is_enough = script is not None and _runs_always(script, last.command, ("group", "subshell"))
    # Of the user whose cache it is, with the same program.
    is_enough &= len({cleanup.write(rule_input, call) for call in cleanup.fills}) == 1
    for call in [last] if is_enough and not _may_lose_program(step, last) else cleanup.fills:
        command = cleanup.write(rule_input, call)
        if command is None or not _can_insert_behind(rule_input, step, call.command):
            return ()
        end = call.command.span.end
        changes.append(TextChange(Span(end, end), f" && {command}"))
    return tuple(changes)


def _can_insert_behind(rule_input: RuleInput, step: Step, command: Command) -> bool:
    """Return True if ` && …` behind a command leaves the script as it is.

    Where the script ends with the first failure, only a command in front of another `&&` can get
    one: `set -e` does not count what is left of it.
    """
    # `! a && b` would turn the status of the cleanup around, not that of the call.
    if step.instruction.is_json or any(block.kind == "not" for block in command.enclosing):
        return False
    # Such a command may end with the text of its heredoc: what is behind it would be text, too.
    if any("<<" in redirection.operator for redirection in command.redirections):
        return False
    # `a || b && c` runs c without b.
    if "||" in _list_operators_before(step, command):
        return False
    operator = _find_operator_behind(step, command)
    return operator == "&&" or (
        operator in (None, ";", "\n") and not _has_errexit(rule_input, step)
    )


def _list_operators_before(step: Step, command: Command) -> list[str]:
    """Return the operators of a list of commands up to one of them."""
    script = step.instruction.script
    siblings = [x for x in (script.commands if script else ()) if x.enclosing == command.enclosing]
    operators: list[str] = []
    for earlier in reversed(siblings[: siblings.index(command) + 1]):
        operator = earlier.separator.operator if earlier.separator else "\n"
        if operator in (";", "\n"):
            break
        operators.append(operator)
    return operators


def _find_operator_behind(step: Step, command: Command) -> str | None:
    """Return the operator between a command and the next; None at the end of its block."""
    script = step.instruction.script
    commands = script.commands if script else ()
    following = next((x for x in commands if x.span.start >= command.span.end), None)
    if following is None or following.separator is None:
        return None
    is_next = following.separator.span.start <= command.span.end
    return following.separator.operator if is_next else None


def _has_errexit(rule_input: RuleInput, step: Step) -> bool:
    script = step.instruction.script
    shells = [x.instruction for x in rule_input.steps_before(step)]
    return any(map(sets_errexit, script.commands if script else ())) or any(
        word.startswith("-") and "e" in word
        for shell in shells
        if shell.keyword == "SHELL"
        for word in shell.words
    )


def _runs_always(script: Script, command: Command, kinds: Sequence[str] = ("group",)) -> bool:
    """Return True if a script that succeeds has run a command, in blocks of some kinds."""
    if any(block.kind not in kinds for block in command.enclosing):
        return False
    siblings = [x for x in script.commands if x.enclosing == command.enclosing]
    pairs = [*pairwise(siblings[: siblings.index(command) + 1])]
    for earlier, following in reversed(pairs):
        operator = following.separator.operator if following.separator else "\n"
        # `[ -f x ] && npm ci; true`: whether npm ran is known only to the running shell.
        if operator == "||" or (operator == "&&" and earlier.name in _TEST_PROGRAMS):
            return False
        if operator in (";", "\n"):
            break
    return True


def _may_lose_program(step: Step, call: Call) -> bool:
    """Return True if a later command may remove the package manager."""
    later = step.calls[step.calls.index(call) + 1 :]
    return any(
        other.subcommand in REMOVE_SUBCOMMANDS
        or (other.name == "rpm" and other.has_option("-e", "--erase"))
        # `bin/yarn` is not found any more from another folder.
        or (is_relative(call) and other.name in _FOLDER_PROGRAMS)
        # Of a virtual environment of Python, with which its programs leave the PATH.
        or other.name == "deactivate"
        or (other.name in _MOVING_PROGRAMS and _may_have_program(other, call.name))
        for other in later
    )


def is_relative(call: Call) -> bool:
    """Return True if a program is below the working directory: `bin/yarn`, `php composer.phar`."""
    words = (x.text for x in call.command.words if x.span.end == call.program_span.end)
    path = next(words, "")
    is_path = "/" in path or path.endswith(".phar")
    return is_path and not path.startswith(("/", "$", "~", '"'))


def _may_have_program(call: Call, name: str) -> bool:
    """Return True if an argument may be a program, or a folder that it is in."""
    names = (*_PROGRAM_FOLDERS, name)
    return any(part in word.text for word in call.arguments for part in names)
