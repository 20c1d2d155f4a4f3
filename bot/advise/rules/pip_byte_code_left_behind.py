"""The byte code of pip's own modules, which Python writes when root calls pip in a `RUN`."""

import re
from collections.abc import Iterator

from bot.advise.cleanup_commands import Cleanup, add_cleanup
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call

# Below this, the change is not worth its words. pip 24 has 5.4 MB.
_MIN_BYTES = 1_000_000
_MODULES = re.compile(
    r"(?P<folder>.*?)(?:/python3[\d.]*)?/site-packages/pip/.*\.py(?P<compiled>c?)"
)
_FIND = ("usr/bin/find", "bin/find")
# They may start pip where no command shows it.
_CALLERS_OF_PIP = frozenset({"pipenv", "tox", "nox", "make", "virtualenv"})


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the first `RUN` of an image that stores pip's byte code; without an image, nothing.

    The official images of Python have none: they delete that of their own calls.
    """
    for step in rule_input.iter_runs():
        stored, folders = _measure_byte_code(rule_input, step)
        if stored >= _MIN_BYTES:
            yield Finding(
                step.instruction,
                "Delete the byte code of pip in the same `RUN`",
                "Python stores the compiled form of each module of pip that it imports, which only "
                "pip reads. That of the installed packages and of the standard library stays.",
                stored,
                _build_changes(rule_input, [step, *rule_input.steps_after(step)], folders),
                FixSafety.SAFE,
            )
            return


def _measure_byte_code(rule_input: RuleInput, step: Step) -> tuple[int, list[str]]:
    """Return the bytes of compiled modules of a pip that an earlier layer has, and the folders.

    0 for a new pip, which is compiled by its installation.
    """
    if rule_input.evidence is None or not any(map(_is_pip, step.calls)):
        return 0, []
    sizes = rule_input.evidence.file_sizes(step.instruction)
    modules = [(match, sizes[path]) for path in sizes if (match := _MODULES.fullmatch(path))]
    if not all(match["compiled"] for match, _ in modules):
        return 0, []
    folders = sorted({f"/{match['folder']}" for match, _ in modules})
    return sum(size for _, size in modules), folders


def _build_changes(
    rule_input: RuleInput, steps: list[Step], folders: list[str]
) -> tuple[TextChange, ...]:
    """Return the deletion for each `RUN` that calls pip; nothing if one cannot have it.

    A later `RUN` of root would store again what the first has deleted.
    """
    tree = rule_input.image.tree if rule_input.image else {}
    # Small images of Red Hat have none.
    if not any(path in tree for path in _FIND):
        return ()
    changes: list[TextChange] = []
    command = f"find {' '.join(folders)} -path '*/site-packages/pip/*.pyc' -delete"
    for step in steps:
        if any(call.name in _CALLERS_OF_PIP for call in step.calls):
            return ()
        # Another user stores none in folders of root, and may not even read them.
        if step.has_other_user and step is not steps[0]:
            continue
        calls = list(filter(_is_pip, step.calls))
        if any(call.wrappers or call.is_nested for call in calls):
            return ()
        addition = add_cleanup(rule_input, step, Cleanup(command, calls)) if calls else ()
        if calls and not addition:
            return ()
        changes += addition
    return tuple(changes)


def _is_pip(call: Call) -> bool:
    return call.name == "pip"
