"""Later lines that name a path, and fail if it is not there.

`RUN rm /var/cache/apk/*` fails once nothing is stored there any more, and so does a `COPY --from`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.advise.finding import Finding, FixSafety
from bot.advise.path_patterns import covers_pattern, overlaps_pattern
from bot.advise.script_paths import expand_braces, resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_calls import Call

# These name paths without need of them.
_HARMLESS_PROGRAMS = ("echo", "export", "find", "mkdir", "printf", "set", "test", "[")


def keep_for_later(
    rule_input: RuleInput, step: Step, patterns: Sequence[str], finding: Finding
) -> Finding:
    """Return a finding without its changes if a later line, of any stage, needs such a path."""
    later = (
        instruction
        for instruction in rule_input.dockerfile.statements
        if instruction.line_start > step.instruction.line_start
    )
    line = next((x.line_start for x in later if _needs(rule_input, x, patterns)), None)
    if line is None or not finding.changes:
        return finding
    message = f"{finding.message} Line {line} fails if nothing is stored there: change it first."
    return replace(finding, message=message, changes=(), safety=FixSafety.MANUAL)


def _needs(rule_input: RuleInput, instruction: Instruction, patterns: Sequence[str]) -> bool:
    """Return True if an instruction needs a path at or below a pattern."""
    paths = list(_list_needed_paths(rule_input, instruction))
    return any(_is_at_or_below(path, pattern) for path in paths for pattern in patterns)


def _list_needed_paths(rule_input: RuleInput, instruction: Instruction) -> Iterator[str]:
    if instruction.keyword in ("ADD", "COPY") and instruction.from_names:
        yield from instruction.words[:-1]
    if instruction.keyword == "RUN":
        yield from (
            mount.source for mount in instruction.mounts if mount.from_name and mount.source
        )
        step = next((x for x in rule_input.steps if x.instruction is instruction), None)
        step = step or Step(instruction, rule_input.dockerfile.stages[0], {})
        for call in step.calls:
            if not _is_harmless(call):
                for word in call.arguments:
                    yield from expand_braces(resolve_word(step, call, word))


def _is_harmless(call: Call) -> bool:
    """Return True for commands that do not fail without a path: `rm -rf`."""
    is_forced = any(
        value == "--force" or (value.startswith("-") and value[1:2] != "-" and "f" in value)
        for value in call.known_arguments
    )
    return call.name in _HARMLESS_PROGRAMS or (call.name == "rm" and is_forced)


def _is_at_or_below(path: str, pattern: str) -> bool:
    """Return True if a path is at or below a pattern; also for a folder between it and a home."""
    if not overlaps_pattern(path, pattern):
        return False
    return (
        pattern.startswith("~")
        or not covers_pattern(path, pattern)
        or path.endswith("*")
        or (covers_pattern(pattern, path))
    )
