"""`chown` and `chmod` of files that a `COPY` brought: each is shipped a second time."""

import posixpath
from collections.abc import Iterator

from bot.advise.copy_targets import destination, is_copy, landing, sources
from bot.advise.dockerfile_changes import with_flag, without_statement
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.shell_calls import Call
from bot.model.files import Hidden

_COMMANDS = ("chown", "chmod")
_TITLE = "Set owner and mode in the COPY"
_EXECUTABLE = ("+x", "a+x", "ugo+x", "u+x", "0755", "755")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that changes owners or modes of what lower layers hold."""
    for step in subject.runs():
        calls = [call for call in step.calls if call.name in _COMMANDS]
        copies = {call: _copy_below(subject, step, call) for call in calls}
        hit = [call for call in calls if copies[call] or _may_reach(subject, step, call)]
        if hit and not all(_is_made_here(step, call) for call in hit):
            yield _finding(subject, step, hit[0], copies[hit[0]])


def _finding(subject: Subject, step: Step, call: Call, copy: Step | None) -> Finding:
    changes = tuple(_changes(subject, step, call, copy)) if copy else ()
    return Finding(
        step.statement,
        f"{_TITLE} of line {copy.statement.line_start}" if copy else _TITLE,
        _message(call, whole=not _is_recursive(call)),
        _saving(subject, step),
        changes,
        _tier(subject, call, copy) if copy and changes else Tier.TELL,
    )


def _message(call: Call, *, whole: bool) -> str:
    why = f"`{call.name}` in a layer of its own ships every file that it touches once more."
    if whole:
        return why
    return (
        f"{why} `COPY --{call.name}` gives it to what is copied, not to the folder itself where "
        "that is there already, nor to files that other instructions make: check that they need none."
    )


def _saving(subject: Subject, step: Step) -> int | None:
    if subject.evidence is None:
        return None
    return sum(x.size for x in subject.evidence.hidden_by(step.statement, Hidden.COPIED))


def _tier(subject: Subject, call: Call, copy: Step) -> Tier:
    """The mode of one file is safe to set; a folder's contents would all get it."""
    plain = call.name == "chmod" and _holds_files(subject, copy) is not True
    named = "." in (landing(copy) or "").rpartition("/")[2] or _holds_files(subject, copy) is False
    return Tier.APPLY if plain and named and not _is_recursive(call) else Tier.CHECK


def _holds_files(subject: Subject, copy: Step) -> bool | None:
    """Whether what is copied is a folder; None if neither image nor context tells."""
    if subject.evidence:
        return (landing(copy) or "")[1:] not in subject.evidence.files(copy.statement)
    if subject.context is None or copy.statement.flag("from") is not None:
        return None
    source = posixpath.normpath(sources(copy)[0])
    held = any(path.startswith(f"{source}/") for path in subject.context.files)
    return True if held else (False if source in subject.context.files else None)


def _changes(subject: Subject, step: Step, call: Call, copy: Step) -> Iterator[Change]:
    """The flag on the `COPY`, and the command gone; nothing where the two are not the same."""
    value, script = _value(call), step.statement.script
    named = copy.statement.flag(call.name) is not None
    if value is None or named or script is None or not _exists(subject, copy, call, value):
        return
    if not _is_recursive(call) and _holds_files(subject, copy):
        return
    span = script.removal(call.command)
    if len(script.commands) == 1 and script.commands[0].joint is None:
        yield without_statement(subject.dockerfile, step.statement)
    elif span:
        yield Change(span, "")
    else:
        return
    yield with_flag(copy.statement, f"--{call.name}={value}")


def _value(call: Call) -> str | None:
    """The owner or the mode as `COPY` takes it: modes are numbers there."""
    given = _operands(call)[0]
    if call.name == "chmod" and given in _EXECUTABLE:
        return None if _is_recursive(call) and "+" in given else "755"
    return given if given and (call.name == "chown" or given.isdigit()) else None


def _exists(subject: Subject, copy: Step, call: Call, owner: str) -> bool:
    """Whether nothing says that the owner is only made after the `COPY`."""
    if call.name != "chown":
        return True
    names = {name for name in owner.split(":") if name and not name.isdigit()}
    return not any(
        names & set(later.values)
        for step in subject.after(copy)
        for later in step.calls
        if later.name in ("useradd", "adduser", "groupadd", "addgroup")
    )


def _copy_below(subject: Subject, step: Step, call: Call) -> Step | None:
    """The one `COPY` that brought exactly what is changed."""
    targets = _targets(step, call)
    if len(targets) != 1:
        return None
    (target,) = targets
    copies = [copy for copy in subject.before(step) if is_copy(copy)]
    if _is_recursive(call):
        found = [copy for copy in copies if destination(copy) == target]
    else:
        found = [copy for copy in copies if landing(copy) == target]
    return found[-1] if len(found) == 1 else None


def _may_reach(subject: Subject, step: Step, call: Call) -> bool:
    """Whether it goes down a folder that something was copied to; an image tells without guessing."""
    if not _is_recursive(call):
        return False
    places = [destination(copy) or "/" for copy in subject.before(step) if is_copy(copy)]
    pairs = [(place, target) for place in places for target in _targets(step, call)]
    return subject.evidence is not None or any(
        f"{place}/".startswith(f"{target}/") or target.startswith(f"{place}/")
        for place, target in pairs
    )


def _targets(step: Step, call: Call) -> list[str]:
    """What is changed, by its path; empty if one of them is not known."""
    words = call.operands[1:]
    if any(x.name == "cd" for x in step.calls):
        words = tuple(word for word in words if word.text.startswith("/"))
    paths = [step.path(word.value) for word in words if word.value and not word.is_pattern]
    return [path for path in paths if path] if len(paths) == len(words) else []


def _is_made_here(step: Step, call: Call) -> bool:
    """Whether an earlier command of the same `RUN` speaks of what is changed: it may have made it."""
    earlier = step.calls[: step.calls.index(call)]
    said = {word.text.rstrip("/") for other in earlier for word in other.arguments}
    return any(word.text.rstrip("/") in said for word in call.operands[1:])


def _operands(call: Call) -> list[str]:
    return [word.value or "" for word in call.operands] or [""]


def _is_recursive(call: Call) -> bool:
    return any(
        value == "--recursive" or (value.startswith("-") and value[1:2] != "-" and "R" in value)
        for value in call.values
    )
