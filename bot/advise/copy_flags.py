"""The flags of `COPY` that do the work of `chown` and `chmod` in a later `RUN`."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.advise.copy_index import CopyIndex
from bot.advise.copy_targets import (
    is_tiny_copy,
    list_copied_paths,
    list_copy_sources,
    resolve_copied_path,
    resolve_copy_destination,
)
from bot.advise.dockerfile_changes import add_flag, remove_instruction
from bot.advise.finding import FixSafety
from bot.advise.script_paths import resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import Span

# `COPY --chmod` came with docker/dockerfile:1.2.
_OLD_SYNTAX = re.compile(r"dockerfile(?:-upstream)?:(?:1\.[01](?!\d)|experimental|1\.0)")
# For one file all of these are 755, as git knows a file with 644 or 755 only.
_EXECUTABLE_MODES = ("+x", "a+x", "ugo+x", "u+x", "0755", "755")
_PLAIN_OPERATORS = ("&&", ";", "\n")
_MAX_SMALL_COPIES = 8
_RECURSIVE_OPTIONS = ("-R", "--recursive")


@dataclass(frozen=True, slots=True)
class CopyMove:
    """A command whose work a flag of one `COPY` may do."""

    call: Call
    copy: Step


def rate_safety(rule_input: RuleInput, moves: Sequence[CopyMove]) -> FixSafety:
    """Rate the fix: the mode of one file is safe, but a folder's contents would all get it."""
    is_safe = all(_is_mode_of_file(rule_input, move) for move in moves)
    return FixSafety.SAFE if is_safe else FixSafety.NEEDS_CHECK


def _is_mode_of_file(rule_input: RuleInput, move: CopyMove) -> bool:
    if move.call.name != "chmod" or move.call.is_recursive:
        return False
    is_folder = copies_folder(rule_input, move.copy)
    # A name with a suffix is a file's; a folder's contents would all get the mode.
    name = posixpath.basename(resolve_copied_path(move.copy) or "")
    return not is_folder and ("." in name or is_folder is False)


def copies_folder(rule_input: RuleInput, copy: Step) -> bool | None:
    """Return True if a folder is copied; None if neither image nor context shows it."""
    if rule_input.evidence:
        return (resolve_copied_path(copy) or "")[1:] not in rule_input.evidence.file_sizes(
            copy.instruction
        )
    if rule_input.context is None or copy.instruction.flag_value("from") is not None:
        return None
    source = posixpath.normpath(list_copy_sources(copy)[0])
    has_files = any(path.startswith(f"{source}/") for path in rule_input.context.file_sizes)
    return True if has_files else (False if source in rule_input.context.file_sizes else None)


def has_small_copies(rule_input: RuleInput, index: CopyIndex, step: Step, target: str) -> bool:
    """Return True if all that is copied to a folder are a few small files.

    `chmod -R` then is for what a `RUN` has put there.
    """
    near = index.list_near(step, target, _MAX_SMALL_COPIES)
    return len(near) <= _MAX_SMALL_COPIES and all(
        is_tiny_copy(rule_input, copy) for copy in near if _may_bring_into(copy, target)
    )


def _may_bring_into(copy: Step, folder: str) -> bool:
    """Return True if a `COPY` may bring files of a folder: not an archive beside it."""
    return any(
        f"{path}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{path.rstrip('/')}/")
        for path in list_copied_paths(copy)
    )


def is_possible(rule_input: RuleInput, index: CopyIndex, step: Step, move: CopyMove) -> bool:
    """Return True if the flag means the same as the command, and the command can go."""
    call, copy, script = move.call, move.copy, step.instruction.script
    value = _parse_flag_value(call)
    return (
        value is not None
        and not _is_overwritten(index, copy, step)
        and copy.instruction.flag_value(call.name) is None
        and not call.is_nested
        and _owner_exists(rule_input, copy, call, value)
        and not any(
            _OLD_SYNTAX.search(directive.value) for directive in rule_input.dockerfile.directives
        )
        and (call.is_recursive or not copies_folder(rule_input, copy))
        and (not _keeps_folder(rule_input, move) or _find_recursion(call) is not None)
        and script is not None
        and (_is_alone(script, [call]) or script.removal_span(call.command) is not None)
    )


def build_changes(
    rule_input: RuleInput, step: Step, moves: Sequence[CopyMove]
) -> Iterator[TextChange]:
    """Remove the commands and add the flags to the `COPY` instructions."""
    script = step.instruction.script
    if script is None or not moves:
        return
    # `--chown` changes nothing about a folder that was there before: the command does that.
    shortened = [move.call for move in moves if _keeps_folder(rule_input, move)]
    yield from (TextChange(span, "") for call in shortened if (span := _find_recursion(call)))
    removed = [move.call for move in moves if move.call not in shortened]
    calls = sorted(removed, key=lambda call: call.command.span.start)
    if calls and _is_alone(script, calls):
        yield remove_instruction(rule_input.dockerfile, step.instruction)
    elif calls:
        spans = script.removal_spans([call.command for call in calls])
        # Of a chain with a pipe or `||` in it, not all can go at once.
        if spans is None:
            return
        yield from (TextChange(span, "") for span in spans)
    flags = dict[int, list[str]]()
    for move in moves:
        flag = f"--{move.call.name}={_parse_flag_value(move.call)}"
        flags.setdefault(move.copy.instruction.line_start, []).append(flag)
    copies = {move.copy.instruction.line_start: move.copy for move in moves}
    for line, copy in copies.items():
        yield add_flag(copy.instruction, " ".join(sorted(flags[line], reverse=True)))


def _keeps_folder(rule_input: RuleInput, move: CopyMove) -> bool:
    """Return True if the owner of a folder changes that is there before the `COPY`.

    After `RUN mkdir /app`, `COPY --chown` would leave it to root, and `npm ci` of the user fails.
    """
    target = resolve_copy_destination(move.copy)
    if move.call.name != "chown" or not move.call.is_recursive or target is None:
        return False
    earlier = rule_input.steps_before(move.copy)
    return move.copy.workdir == target or any(
        resolve_word(step, call, word) == target
        for step in earlier
        for call in step.calls
        if call.name == "mkdir"
        for word in call.arguments
    )


def _find_recursion(call: Call) -> Span | None:
    """Return the bytes of the option `-R`, with the blank before it; None if it has no own word."""
    words = [word for word in call.arguments if word.text in _RECURSIVE_OPTIONS]
    return Span(words[0].span.start - 1, words[0].span.end) if len(words) == 1 else None


def _is_alone(script: Script, calls: Sequence[Call]) -> bool:
    """Return True if the calls are all that a `RUN` does, but for options of the shell."""
    commands = [call.command for call in calls]
    return (
        script.commands[0].separator is None
        and all(command in commands or command.name == "set" for command in script.commands)
        and all(
            command.separator is None or command.separator.operator in _PLAIN_OPERATORS
            for command in commands
        )
    )


def _is_overwritten(index: CopyIndex, copy: Step, step: Step) -> bool:
    """Return True if a `COPY` between the two may bring the file once more, with its own mode."""
    path = (list_copied_paths(copy) or ("",))[-1]
    return index.may_bring_between(copy, step, path)


def _parse_flag_value(call: Call) -> str | None:
    """Return the owner, or the mode as a number, as `COPY` takes it; None if it cannot."""
    value = _list_operands(call)[0]
    if call.name == "chmod" and value in _EXECUTABLE_MODES:
        return None if call.is_recursive and "+" in value else "755"
    if call.name == "chown":
        # `chown app:` means the group of the user, which `--chown=app` gives as well.
        value = (value or "").removesuffix(":")
        return None if value.startswith(":") else value or None
    # Symbolic modes (`g=u`) came to COPY --chmod with docker/dockerfile:1.14.
    return value if value and value.isdigit() else None


def _owner_exists(rule_input: RuleInput, copy: Step, call: Call, owner: str) -> bool:
    """Return False if the owner is only created after the `COPY`."""
    if call.name != "chown":
        return True
    # COPY looks names up in the image as it is at that line; a number needs no entry.
    names = {name for name in owner.split(":") if name and not name.isdigit()}
    return not names or not any(
        names & set(later.known_arguments)
        for step in rule_input.steps_after(copy)
        for later in step.calls
        if later.name in ("useradd", "adduser", "groupadd", "addgroup")
    )


def _list_operands(call: Call) -> list[str]:
    return [word.value or "" for word in call.operands] or [""]
