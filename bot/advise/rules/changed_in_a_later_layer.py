"""`chown` and `chmod` of files from lower layers, which stores them again."""

import posixpath
import re
from collections.abc import Iterator

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
from bot.dockerfile.shell_script import Word
from bot.model.files import WasteCause

_USER_PROGRAMS = ("adduser", "useradd")
_OWNERSHIP_PROGRAMS = ("chown", "chmod")
# `COPY --chmod` came with docker/dockerfile:1.2.
_OLD_SYNTAX = re.compile(r"dockerfile(?:-upstream)?:(?:1\.[01](?!\d)|experimental|1\.0)")
# For one file all of these are 755, as git knows a file with 644 or 755 only.
_EXECUTABLE_MODES = ("+x", "a+x", "ugo+x", "u+x", "0755", "755")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that changes owners or modes of files in lower layers."""
    index = CopyIndex(rule_input)
    for step in rule_input.iter_runs():
        calls = [call for call in step.calls if call.name in _OWNERSHIP_PROGRAMS]
        copies = {call: _find_copies(index, step, call) for call in calls}
        affected = [
            call
            for call in calls
            if copies[call] or _may_affect_copies(rule_input, index, step, call)
        ]
        if affected and not all(_is_created_in_run(step, call) for call in affected):
            copy = _find_single_copy(index, step, affected[0], copies[affected[0]])
            is_kept = copy is not None and not _is_overwritten(index, copy, step)
            changes = (
                tuple(_build_changes(rule_input, step, affected[0], copy))
                if copy and is_kept
                else ()
            )
            yield _build_finding(rule_input, step, affected[0], copy, changes)


def _build_finding(
    rule_input: RuleInput,
    step: Step,
    call: Call,
    copy: Step | None,
    changes: tuple[TextChange, ...],
) -> Finding:
    return Finding(
        step.instruction,
        _build_title(call, copy),
        _build_message(call, is_exact=not call.is_recursive)
        + (_describe_late_user(rule_input, step, call, copy) if copy else ""),
        _measure_saving(rule_input, step),
        changes,
        _rate_safety(rule_input, call, copy) if copy and changes else FixSafety.MANUAL,
    )


def _build_title(call: Call, copy: Step | None) -> str:
    command = f"{call.name} -R" if call.is_recursive else call.name
    line = f" on line {copy.instruction.line_start}" if copy else ""
    return f"Use `COPY --{call.name}`{line} instead of `{command}`"


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


def _rate_safety(rule_input: RuleInput, call: Call, copy: Step) -> FixSafety:
    """Rate the fix: the mode of one file is safe, but a folder's contents would all get it."""
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


def _build_changes(
    rule_input: RuleInput, step: Step, call: Call, copy: Step
) -> Iterator[TextChange]:
    """Add the flag to the `COPY` and remove the command, where that means the same."""
    value, script = _parse_flag_value(call), step.instruction.script
    has_flag = copy.instruction.flag_value(call.name) is not None
    if (
        value is None
        or has_flag
        or script is None
        or call.is_nested
        or not _owner_exists(rule_input, copy, call, value)
        or any(_OLD_SYNTAX.search(x.value) for x in rule_input.dockerfile.directives)
    ):
        return
    if not call.is_recursive and _copies_folder(rule_input, copy):
        return
    span = script.removal_span(call.command)
    if len(script.commands) == 1 and script.commands[0].separator is None:
        yield remove_instruction(rule_input.dockerfile, step.instruction)
    elif span:
        yield TextChange(span, "")
    else:
        return
    yield add_flag(copy.instruction, f"--{call.name}={value}")


def _is_overwritten(index: CopyIndex, copy: Step, step: Step) -> bool:
    """Return True if a `COPY` between the two may bring the file once more, with its own mode."""
    path = (list_copied_paths(copy) or ("",))[-1]
    return index.may_bring_between(copy, step, path)


def _parse_flag_value(call: Call) -> str | None:
    """Return the owner, or the mode as a number, as `COPY` takes it; None if it cannot."""
    value = _list_operands(call)[0]
    if call.name == "chmod" and value in _EXECUTABLE_MODES:
        return None if call.is_recursive and "+" in value else "755"
    # Symbolic modes (`g=u`) came to COPY --chmod with docker/dockerfile:1.14.
    return value if value and (call.name == "chown" or value.isdigit()) else None


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
