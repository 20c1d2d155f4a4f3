"""Later lines that name a path, and fail if it is not there.

`RUN rm /var/cache/apk/*` fails once nothing is stored there any more, and so does a `COPY --from`.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from bot.advise.finding import Finding, FixSafety
from bot.advise.path_patterns import covers_pattern, overlaps_pattern
from bot.advise.script_paths import expand_braces, resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.shell_calls import Call

# These name paths without need of them.
_HARMLESS_PROGRAMS = ("echo", "export", "find", "mkdir", "printf", "set", "test", "[")


class LaterNeeds:
    """The paths that the instructions of a Dockerfile need; each is read once."""

    def __init__(self, rule_input: RuleInput) -> None:
        self._rule_input = rule_input
        self._lines_by_patterns: dict[tuple[str, ...], list[int]] = {}

    def keep(self, step: Step, patterns: Sequence[str], finding: Finding) -> Finding:
        """Return a finding without its changes if a later line, of any stage, needs such a path."""
        if not finding.changes:
            return finding
        lines = self._list_lines(tuple(patterns))
        index = bisect_right(lines, step.instruction.line_start)
        if index == len(lines):
            return finding
        message = (
            f"{finding.message} Line {lines[index]} fails if nothing is stored there: change it "
            "first."
        )
        return replace(finding, message=message, changes=(), safety=FixSafety.MANUAL)

    def _list_lines(self, patterns: tuple[str, ...]) -> list[int]:
        """Return the lines, in order, that need a path at or below one of the patterns."""
        if patterns not in self._lines_by_patterns:
            self._lines_by_patterns[patterns] = [
                line
                for line, path in self._paths
                if any(_is_at_or_below(path, pattern) for pattern in patterns)
            ]
        return self._lines_by_patterns[patterns]

    @cached_property
    def _paths(self) -> list[tuple[int, str]]:
        return [
            (instruction.line_start, path)
            for instruction in self._rule_input.dockerfile.statements
            for path in _list_needed_paths(self._rule_input, instruction)
        ]


def _list_needed_paths(rule_input: RuleInput, instruction: Instruction) -> Iterator[str]:
    if instruction.keyword in ("ADD", "COPY") and instruction.from_names:
        yield from instruction.words[:-1]
    if instruction.keyword == "RUN":
        yield from (
            mount.source for mount in instruction.mounts if mount.from_name and mount.source
        )
        step = rule_input.get_step(instruction)
        for call in step.calls:
            if not _is_harmless(call):
                for word in call.arguments:
                    yield from expand_braces(resolve_word(step, call, word))


def _is_harmless(call: Call) -> bool:
    """Return True for commands that do not fail without a path: `rm -rf`, `ln -s`."""
    if call.name == "ln" and call.has_option("-s", "-sf", "-sfn", "-snf", "-fs", "--symbolic"):
        return True
    is_forced = any(
        # `-rf`, `-fr`, `-f`, but not a long option with an f in it.
        value == "--force" or (value.startswith("-") and value[1:2] != "-" and "f" in value)
        for value in call.known_arguments
    )
    return call.name in _HARMLESS_PROGRAMS or (call.name == "rm" and is_forced)


def _is_at_or_below(path: str, pattern: str) -> bool:
    """Return True if a path is at or below a pattern; also for a folder between it and a home."""
    if not overlaps_pattern(path, pattern):
        return False
    return (
        # Of `~/*/pkgs`, every folder in a home would be one.
        (pattern.startswith("~") and not pattern.startswith("~/*"))
        or not covers_pattern(path, pattern)
        or path.endswith("*")
        or (covers_pattern(pattern, path))
    )
