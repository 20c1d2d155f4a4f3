"""`chown` and `chmod` of files that a `COPY` brought: each is shipped a second time."""

import posixpath
from collections.abc import Iterator

from bot.advise.copy_targets import (
    is_copy,
    list_copy_sources,
    resolve_copied_path,
    resolve_copy_destination,
)
from bot.advise.dockerfile_changes import add_flag, remove_instruction
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.model.files import WasteCause

_OWNERSHIP_PROGRAMS = ("chown", "chmod")
_EXECUTABLE_MODES = ("+x", "a+x", "ugo+x", "u+x", "0755", "755")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Every `RUN` that changes owners or modes of what lower layers hold."""
    for step in rule_input.iter_runs():
        calls = [call for call in step.calls if call.name in _OWNERSHIP_PROGRAMS]
        copies = {call: _find_copy(rule_input, step, call) for call in calls}
        hit = [call for call in calls if copies[call] or _may_affect_copies(rule_input, step, call)]
        if hit and not all(_is_created_in_run(step, call) for call in hit):
            yield _build_finding(rule_input, step, hit[0], copies[hit[0]])


def _build_finding(rule_input: RuleInput, step: Step, call: Call, copy: Step | None) -> Finding:
    changes = tuple(_build_changes(rule_input, step, call, copy)) if copy else ()
    return Finding(
        step.instruction,
        _build_title(call, copy),
        _build_message(call, is_exact=not _is_recursive(call)),
        _measure_saving(rule_input, step),
        changes,
        _rate_safety(rule_input, call, copy) if copy and changes else FixSafety.MANUAL,
    )


def _build_title(call: Call, copy: Step | None) -> str:
    command = f"{call.name} -R" if _is_recursive(call) else call.name
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


def _measure_saving(rule_input: RuleInput, step: Step) -> int | None:
    if rule_input.evidence is None:
        return None
    return sum(
        x.size for x in rule_input.evidence.find_hidden_files(step.instruction, WasteCause.COPIED)
    )


def _rate_safety(rule_input: RuleInput, call: Call, copy: Step) -> FixSafety:
    """The mode of one file is safe to set; a folder's contents would all get it."""
    plain = call.name == "chmod" and _copies_folder(rule_input, copy) is not True
    named = (
        "." in (resolve_copied_path(copy) or "").rpartition("/")[2]
        or _copies_folder(rule_input, copy) is False
    )
    return FixSafety.SAFE if plain and named and not _is_recursive(call) else FixSafety.NEEDS_CHECK


def _copies_folder(rule_input: RuleInput, copy: Step) -> bool | None:
    """Whether what is copied is a folder; None if neither image nor context tells."""
    if rule_input.evidence:
        return (resolve_copied_path(copy) or "")[1:] not in rule_input.evidence.file_sizes(
            copy.instruction
        )
    if rule_input.context is None or copy.instruction.flag_value("from") is not None:
        return None
    source = posixpath.normpath(list_copy_sources(copy)[0])
    held = any(path.startswith(f"{source}/") for path in rule_input.context.file_sizes)
    return True if held else (False if source in rule_input.context.file_sizes else None)


def _build_changes(
    rule_input: RuleInput, step: Step, call: Call, copy: Step
) -> Iterator[TextChange]:
    """The flag on the `COPY`, and the command gone; nothing where the two are not the same."""
    value, script = _parse_flag_value(call), step.instruction.script
    named = copy.instruction.flag_value(call.name) is not None
    if value is None or named or script is None or not _owner_exists(rule_input, copy, call, value):
        return
    if not _is_recursive(call) and _copies_folder(rule_input, copy):
        return
    span = script.removal_span(call.command)
    if len(script.commands) == 1 and script.commands[0].separator is None:
        yield remove_instruction(rule_input.dockerfile, step.instruction)
    elif span:
        yield TextChange(span, "")
    else:
        return
    yield add_flag(copy.instruction, f"--{call.name}={value}")


def _parse_flag_value(call: Call) -> str | None:
    """The owner or the mode as `COPY` takes it: modes are numbers there."""
    given = _list_operands(call)[0]
    if call.name == "chmod" and given in _EXECUTABLE_MODES:
        return None if _is_recursive(call) and "+" in given else "755"
    return given if given and (call.name == "chown" or given.isdigit()) else None


def _owner_exists(rule_input: RuleInput, copy: Step, call: Call, owner: str) -> bool:
    """Whether nothing says that the owner is only made after the `COPY`."""
    if call.name != "chown":
        return True
    names = {name for name in owner.split(":") if name and not name.isdigit()}
    return not any(
        names & set(later.known_arguments)
        for step in rule_input.steps_after(copy)
        for later in step.calls
        if later.name in ("useradd", "adduser", "groupadd", "addgroup")
    )


def _find_copy(rule_input: RuleInput, step: Step, call: Call) -> Step | None:
    """The one `COPY` that brought exactly what is changed."""
    targets = _resolve_targets(step, call)
    if len(targets) != 1:
        return None
    (target,) = targets
    copies = [copy for copy in rule_input.steps_before(step) if is_copy(copy)]
    if _is_recursive(call):
        found = [copy for copy in copies if resolve_copy_destination(copy) == target]
    else:
        found = [copy for copy in copies if resolve_copied_path(copy) == target]
    return found[-1] if len(found) == 1 else None


def _may_affect_copies(rule_input: RuleInput, step: Step, call: Call) -> bool:
    """Whether it goes down a folder that something was copied to; an image tells without guessing."""
    if not _is_recursive(call):
        return False
    places = [
        resolve_copy_destination(copy) or "/"
        for copy in rule_input.steps_before(step)
        if is_copy(copy)
    ]
    pairs = [(place, target) for place in places for target in _resolve_targets(step, call)]
    return rule_input.evidence is not None or any(
        f"{place}/".startswith(f"{target}/") or target.startswith(f"{place}/")
        for place, target in pairs
    )


def _resolve_targets(step: Step, call: Call) -> list[str]:
    """What is changed, by its path; empty if one of them is not known."""
    words = call.operands[1:]
    if any(x.name == "cd" for x in step.calls):
        words = tuple(word for word in words if word.text.startswith("/"))
    paths = [step.resolve_path(word.value) for word in words if word.value and not word.is_pattern]
    return [path for path in paths if path] if len(paths) == len(words) else []


def _is_created_in_run(step: Step, call: Call) -> bool:
    """Whether an earlier command of the same `RUN` speaks of what is changed: it may have made it."""
    earlier = step.calls[: step.calls.index(call)]
    said = {word.text.rstrip("/") for other in earlier for word in other.arguments}
    return any(word.text.rstrip("/") in said for word in call.operands[1:])


def _list_operands(call: Call) -> list[str]:
    return [word.value or "" for word in call.operands] or [""]


def _is_recursive(call: Call) -> bool:
    return any(
        value == "--recursive" or (value.startswith("-") and value[1:2] != "-" and "R" in value)
        for value in call.known_arguments
    )
