"""`chown` and `chmod` of files from lower layers, which stores them again."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.advise.copy_index import CopyIndex
from bot.advise.copy_targets import (
    list_copied_paths,
    list_copy_sources,
    resolve_copied_path,
    resolve_copy_destination,
)
from bot.advise.dockerfile_changes import add_flag, remove_instruction
from bot.advise.finding import Finding, FixSafety
from bot.advise.script_paths import resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Script, Word
from bot.model.files import WasteCause

_USER_PROGRAMS = ("adduser", "useradd")
_OWNERSHIP_PROGRAMS = ("chown", "chmod")
# `COPY --chmod` came with docker/dockerfile:1.2.
_OLD_SYNTAX = re.compile(r"dockerfile(?:-upstream)?:(?:1\.[01](?!\d)|experimental|1\.0)")
# For one file all of these are 755, as git knows a file with 644 or 755 only.
_EXECUTABLE_MODES = ("+x", "a+x", "ugo+x", "u+x", "0755", "755")
_PLAIN_OPERATORS = ("&&", ";", "\n")


@dataclass(frozen=True, slots=True)
class _Move:
    """A command whose work a flag of one `COPY` may do."""

    call: Call
    copy: Step


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that changes owners or modes of files in lower layers."""
    index, flagged = CopyIndex(rule_input), set[tuple[int, str]]()
    for step in rule_input.iter_runs():
        calls = [call for call in step.calls if call.name in _OWNERSHIP_PROGRAMS]
        copies = {call: _find_copies(index, step, call) for call in calls}
        affected = [
            call
            for call in calls
            if (copies[call] or _may_affect_copies(rule_input, index, step, call))
            and not _has_flag_already(index, step, call)
        ]
        if affected and not all(_is_created_in_run(step, call) for call in affected):
            moves = [
                _Move(call, copy)
                for call in affected
                if (copy := _find_single_copy(index, step, call, copies[call]))
                # BuildKit refuses a second flag of one name.
                and (copy.instruction.line_start, call.name) not in flagged
            ]
            finding = _build_finding(rule_input, index, step, affected[0], moves)
            if finding.changes:
                flagged |= {(move.copy.instruction.line_start, move.call.name) for move in moves}
            yield finding


def _build_finding(
    rule_input: RuleInput, index: CopyIndex, step: Step, call: Call, moves: Sequence[_Move]
) -> Finding:
    """Build the finding on the first command, with the moves of others that are as safe."""
    copy = moves[0].copy if moves and moves[0].call is call else None
    chosen = _choose_moves(rule_input, index, step, moves) if copy else ()
    changes = tuple(_build_changes(rule_input, step, chosen))
    return Finding(
        step.instruction,
        _build_title(call, [move.copy for move in chosen] or ([copy] if copy else [])),
        _build_message(call, is_exact=not call.is_recursive)
        + (_describe_late_user(rule_input, step, call, copy) if copy else ""),
        _measure_saving(rule_input, step),
        changes,
        _rate_safety(rule_input, chosen[0]) if changes else FixSafety.MANUAL,
    )


def _build_title(call: Call, copies: Sequence[Step]) -> str:
    command = f"{call.name} -R" if call.is_recursive else call.name
    lines = [str(copy.instruction.line_start) for copy in copies]
    listed = " and ".join(filter(None, (", ".join(lines[:-1]), *lines[-1:])))
    where = f" on line{'s' if len(lines) > 1 else ''} {listed}" if lines else ""
    return f"Use `COPY --{call.name}`{where} instead of `{command}`"


def _build_message(call: Call, *, is_exact: bool) -> str:
    reason = f"`RUN {call.name}` stores a second copy of every file that it changes."
    if is_exact:
        return reason
    return (
        f"{reason} `COPY --{call.name}` applies to the copied files, but not to a folder that "
        "already exists, nor to files from other instructions: check that they do not need it."
    )


def _describe_late_user(rule_input: RuleInput, step: Step, call: Call, copy: Step) -> str:
    """Return a sentence if the new owner is created only behind the `COPY`."""
    owner = (call.operands[0].value or "").partition(":")[0] if call.name == "chown" else ""
    for other in rule_input.steps_after(copy) if owner else ():
        if other.instruction.line_start > step.instruction.line_start:
            break
        if any(x.name in _USER_PROGRAMS and owner in x.known_arguments for x in other.calls):
            return f" Create the user `{owner}` above line {copy.instruction.line_start} first."
    return ""


def _measure_saving(rule_input: RuleInput, step: Step) -> int | None:
    if rule_input.evidence is None:
        return None
    hidden_files = rule_input.evidence.find_hidden_files(step.instruction, WasteCause.COPIED)
    return sum(file.size for file in hidden_files)


def _rate_safety(rule_input: RuleInput, move: _Move) -> FixSafety:
    """Rate the fix: the mode of one file is safe, but a folder's contents would all get it."""
    call, copy = move.call, move.copy
    is_plain = call.name == "chmod" and _copies_folder(rule_input, copy) is not True
    is_file = (
        # A name with a suffix is a file's; a folder's contents would all get the mode.
        "." in (resolve_copied_path(copy) or "").rpartition("/")[2]
        or _copies_folder(rule_input, copy) is False
    )
    return (
        FixSafety.SAFE if is_plain and is_file and not call.is_recursive else FixSafety.NEEDS_CHECK
    )


def _copies_folder(rule_input: RuleInput, copy: Step) -> bool | None:
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


def _choose_moves(
    rule_input: RuleInput, index: CopyIndex, step: Step, moves: Sequence[_Move]
) -> tuple[_Move, ...]:
    """Return the first move and, if it is safe, the other safe ones; none if it is not possible.

    A file that `--write` saves would otherwise have another one for the next run.
    """
    first = moves[0]
    if not _is_possible(rule_input, index, step, first):
        return ()
    if _rate_safety(rule_input, first) is not FixSafety.SAFE:
        return (first,)
    by_copy = {first.copy.instruction.line_start: first}
    for move in moves[1:]:
        is_safe = _rate_safety(rule_input, move) is FixSafety.SAFE
        if is_safe and _is_possible(rule_input, index, step, move):
            by_copy.setdefault(move.copy.instruction.line_start, move)
    return tuple(by_copy.values())


def _is_possible(rule_input: RuleInput, index: CopyIndex, step: Step, move: _Move) -> bool:
    """Return True if the flag means the same as the command, and the command can go."""
    call, copy, script = move.call, move.copy, step.instruction.script
    value = _parse_flag_value(call)
    return (
        value is not None
        and not _is_overwritten(index, copy, step)
        and copy.instruction.flag_value(call.name) is None
        and not call.is_nested
        and _owner_exists(rule_input, copy, call, value)
        and not any(_OLD_SYNTAX.search(x.value) for x in rule_input.dockerfile.directives)
        and (call.is_recursive or not _copies_folder(rule_input, copy))
        and script is not None
        and (_is_alone(script, [call]) or script.removal_span(call.command) is not None)
    )


def _build_changes(
    rule_input: RuleInput, step: Step, moves: Sequence[_Move]
) -> Iterator[TextChange]:
    """Remove the commands and add the flags to the `COPY` instructions."""
    script = step.instruction.script
    if script is None or not moves:
        return
    calls = [move.call for move in moves]
    if _is_alone(script, calls):
        yield remove_instruction(rule_input.dockerfile, step.instruction)
    else:
        spans = script.removal_spans([call.command for call in calls]) or ()
        yield from (TextChange(span, "") for span in spans)
    for move in moves:
        value = _parse_flag_value(move.call)
        yield add_flag(move.copy.instruction, f"--{move.call.name}={value}")


def _is_alone(script: Script, calls: Sequence[Call]) -> bool:
    """Return True if the calls are all that a `RUN` does."""
    commands = [call.command for call in calls]
    return (
        script.commands[0].separator is None
        and all(command in commands for command in script.commands)
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


def _find_copies(index: CopyIndex, step: Step, call: Call) -> list[Step]:
    """Return the instructions that added exactly a path that is changed."""
    find = index.find_by_destination if call.is_recursive else index.find_by_path
    copies = (copy for target in _resolve_targets(step, call) for copy in find(step, target))
    by_line = {copy.instruction.line_start: copy for copy in copies}
    return [by_line[line] for line in sorted(by_line)]


def _find_single_copy(index: CopyIndex, step: Step, call: Call, copies: list[Step]) -> Step | None:
    """Return the only `COPY` of the only path that is changed."""
    is_single = len(_list_targets(call)) == 1 and len(copies) == 1
    if not is_single or any(word.is_pattern for word in _list_targets(call)):
        return None
    if not call.is_recursive:
        return copies[0] if len(list_copy_sources(copies[0])) == 1 else None
    destination = resolve_copy_destination(copies[0]) or ""
    return None if index.count_below(step, destination) else copies[0]


def _may_affect_copies(rule_input: RuleInput, index: CopyIndex, step: Step, call: Call) -> bool:
    """Return True if a recursive change covers a copied folder.

    With an image, the measured bytes decide.
    """
    if not call.is_recursive:
        return False
    targets = _resolve_targets(step, call)
    return rule_input.evidence is not None or any(index.has_near(step, x) for x in targets)


def _has_flag_already(index: CopyIndex, step: Step, call: Call) -> bool:
    """Return True if each `COPY` of the paths has that value: a `RUN` made what is changed."""
    value, targets = call.operands[0].value, _resolve_targets(step, call)
    copies = [copy for target in targets for copy in index.list_around(step, target)]
    return bool(value and copies) and all(
        copy.instruction.flag_value(call.name) == value for copy in copies
    )


def _list_targets(call: Call) -> tuple[Word, ...]:
    return call.operands[1:]


def _resolve_targets(step: Step, call: Call) -> list[str]:
    """Return the changed paths that are known; patterns stay as they are."""
    paths = (resolve_word(step, call, word) for word in _list_targets(call))
    return [posixpath.normpath(path) for path in paths if path.startswith("/") and "$" not in path]


def _is_created_in_run(step: Step, call: Call) -> bool:
    """Return True if an earlier command of the same `RUN` names the target."""
    earlier = step.calls[: step.calls.index(call)]
    paths = {word.text.rstrip("/") for other in earlier for word in other.arguments}
    return any(word.text.rstrip("/") in paths for word in call.operands[1:])


def _list_operands(call: Call) -> list[str]:
    return [word.value or "" for word in call.operands] or [""]
