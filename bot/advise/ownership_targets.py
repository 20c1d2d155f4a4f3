"""The paths that a `chown` or `chmod` changes, and what the same `RUN` does with them."""

import posixpath

from bot.advise.script_paths import list_later_calls, removes_folder, resolve_word
from bot.advise.shell_variables import list_variables
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word

# They write a file anew, with whatever mode: a fix of the mode alone saves nothing.
_REWRITING_PROGRAMS = ("dos2unix", "sed", "perl")


def list_targets(call: Call) -> tuple[Word, ...]:
    """Return the words that name what is changed."""
    return call.operands[1:]


def resolve_targets(step: Step, call: Call) -> list[str]:
    """Return the changed paths that are known; patterns stay as they are."""
    paths = (resolve_word(step, call, word) for word in list_targets(call))
    return [posixpath.normpath(path) for path in paths if path.startswith("/") and "$" not in path]


def list_build_arguments(rule_input: RuleInput, step: Step, call: Call) -> set[str]:
    """Return the build arguments in the words that name what is changed."""
    variables = {name for word in list_targets(call) for name in list_variables(word.text)}
    names = set[str]()
    for other in rule_input.steps_before(step) if variables else ():
        words = other.instruction.words
        if other.instruction.keyword == "ARG":
            names |= {word.partition("=")[0] for word in words}
        elif other.instruction.keyword == "ENV":
            # A variable of the image hides an argument of its name.
            names -= set(words[::2])
    return names & variables


def is_created_in_run(step: Step, call: Call) -> bool:
    """Return True if an earlier command of the same `RUN` names the target."""
    earlier = step.calls[: step.calls.index(call)]
    paths = {word.text.rstrip("/") for other in earlier for word in other.arguments}
    return any(word.text.rstrip("/") in paths for word in list_targets(call))


def is_rewritten(step: Step, call: Call) -> bool:
    """Return True if the same `RUN` writes all of the files anew, for example with `sed -i`."""
    writers = [other for other in step.calls if other.name in _REWRITING_PROGRAMS]
    written = {resolve_word(step, writer, word) for writer in writers for word in writer.operands}
    targets = resolve_targets(step, call)
    return not call.is_recursive and bool(targets) and set(targets) <= written


def is_removed_behind(step: Step, call: Call) -> bool:
    """Return True if a later command of the same `RUN` removes all that is changed.

    `chmod +x /build/run.sh && /build/run.sh && rm -rf /build` stores no second copy.
    """
    targets, later = resolve_targets(step, call), list_later_calls(step, [call])
    return len(targets) == len(list_targets(call)) > 0 and all(
        removes_folder(step, target, later) for target in targets
    )
