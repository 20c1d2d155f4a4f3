"""The byte code of pip's own modules, which Python writes when root calls pip in a `RUN`."""

import re
from collections.abc import Iterator

from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.source_text import Span

# Below this, the change is not worth its words. pip 24 has 5.4 MB.
_MIN_BYTES = 1_000_000
_VARIABLE = "PYTHONDONTWRITEBYTECODE=1"
_MODULES = re.compile(r".*/site-packages/pip/.*\.py(?P<compiled>c?)")
# They start pip themselves, so that a variable of this command does not reach it.
_CALLERS_OF_PIP = frozenset({"pipenv", "tox", "nox", "make", "virtualenv"})


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the first `RUN` of an image that stores pip's byte code; without an image, nothing.

    The official images of Python delete it, and call pip with this variable themselves.
    """
    for step in rule_input.iter_runs():
        stored = _measure_byte_code(rule_input, step)
        if stored >= _MIN_BYTES:
            yield Finding(
                step.instruction,
                f"Call pip with `{_VARIABLE}`",
                "Python stores the compiled form of each module of pip that it imports, which only "
                "pip reads. The installed packages are compiled as before. Modules of the standard "
                "library that pip imports are not stored compiled either, so that a start takes a "
                "little longer.",
                stored,
                _build_changes([step, *rule_input.steps_after(step)]),
                FixSafety.SAFE,
            )
            return


def _measure_byte_code(rule_input: RuleInput, step: Step) -> int:
    """Return the bytes of compiled modules of a pip that an earlier layer has; 0 for a new pip."""
    if rule_input.evidence is None or not any(map(_is_pip, step.calls)):
        return 0
    stored = 0
    for path, size in rule_input.evidence.file_sizes(step.instruction).items():
        if module := _MODULES.fullmatch(path):
            if not module["compiled"]:
                return 0
            stored += size
    return stored


def _build_changes(steps: list[Step]) -> tuple[TextChange, ...]:
    """Return the variable for each call of pip; nothing if one cannot be given it.

    A later `RUN` would store what the first does not.
    """
    changes = []
    for step in steps:
        if any(call.name in _CALLERS_OF_PIP for call in step.calls):
            return ()
        for call in filter(_is_pip, step.calls):
            if step.instruction.is_json or call.wrappers or call.is_nested:
                return ()
            start = call.program_span.start
            changes.append(TextChange(Span(start, start), f"{_VARIABLE} "))
    return tuple(changes)


def _is_pip(call: Call) -> bool:
    return call.name == "pip"
