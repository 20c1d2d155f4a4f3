"""The build stage of a rewrite: the old file without what says how the image runs.

It stays as it is, byte for byte, but for its name and the instructions of a running image, which
move to the last stage with the comments above them. A copy of all sources may move below installs.
"""

import re
from collections.abc import Iterator, Sequence

from bot.dockerfile.edits import TextChange
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.instruction_lines import find_first_line, find_last_line, read_lines
from bot.dockerfile.source_text import Span
from bot.rewrite.build_facts import BuildFacts

# Instructions that say how an image runs belong to the last stage alone.
_RUNTIME_KEYWORDS = (
    "CMD",
    "ENTRYPOINT",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "STOPSIGNAL",
    "VOLUME",
)
# So do these where they come after the last instruction that builds something.
_LATE_KEYWORDS = ("ENV", "USER", "SHELL")
_BUILD_STAGE_NAMES = ("build", "builder", "build-stage")


def choose_stage_names(facts: BuildFacts) -> tuple[str, str | None]:
    """Return the names of the build stage and, if a target asks for one, of the last stage."""
    stage, target = facts.rule_input.final_stages[-1], facts.rule_input.plan.target
    free_name = choose_free_name(facts, *_BUILD_STAGE_NAMES, "build-of-image")
    # compose.yaml and CI build with `--target app`: the last stage keeps that name.
    if stage.name and target and stage.name.lower() == target.lower():
        return free_name, stage.name
    return stage.name or free_name, None


def choose_free_name(facts: BuildFacts, *names: str) -> str:
    """Return the first of the names that no stage has yet; the last one if all are taken."""
    # BuildKit compares names of stages without their case.
    taken_names = {(stage.name or "").lower() for stage in facts.rule_input.dockerfile.stages}
    return next((name for name in names if name not in taken_names), names[-1])


def convert_to_build_stage(facts: BuildFacts, stage_name: str) -> Iterator[TextChange]:
    """Yield the changes that name the old stage and remove settings of a running image."""
    stage, source = facts.rule_input.final_stages[-1], facts.rule_input.dockerfile.source
    arguments = stage.from_instruction.argument_text
    if stage.name is None:
        name = f" as {stage_name}" if facts.text_style.is_lower_case else f" AS {stage_name}"
        yield TextChange(Span(arguments.span.end, arguments.span.end), name)
    elif stage.name != stage_name:
        name_match = re.search(r"\s+[aA][sS]\s+(\S+)\s*$", arguments.text)
        if name_match:
            yield TextChange(arguments[name_match.start(1) : name_match.end(1)].span, stage_name)
    for first, last in _list_moved_lines(facts):
        yield TextChange(source.span_of_lines(first, last), "")


def is_moved(facts: BuildFacts, instruction: Instruction) -> bool:
    """Return True for an instruction that has no effect on what the build stage makes."""
    if instruction.keyword in _RUNTIME_KEYWORDS or instruction.line_start in facts.moved_copies:
        return True
    last = facts.last_build_step
    is_late = last is not None and instruction.line_start > last.instruction.line_start
    return is_late and instruction.keyword in _LATE_KEYWORDS


def read_instruction_text(facts: BuildFacts, instruction: Instruction) -> str:
    """Return the text of an instruction as it is in the file, heredocs included.

    With one that moves come the comments right above it, after an empty line, and those that end
    the file.
    """
    first, last = instruction.line_start, find_last_line(instruction)
    if _leaves_its_place(facts, instruction):
        first, last = _find_lines(facts, instruction)
    gap = "\n" if first < instruction.line_start else ""
    return gap + read_lines(facts.rule_input.dockerfile.source, first, last)


def render_replacement(
    facts: BuildFacts, instruction: Instruction, lines: Sequence[str]
) -> Iterator[str]:
    """Yield the lines that replace an instruction, below its comments."""
    dockerfile = facts.rule_input.dockerfile
    first = find_first_line(dockerfile, instruction)
    if lines and first < instruction.line_start:
        yield "\n" + read_lines(dockerfile.source, first, instruction.line_start - 1)
    yield from map(facts.text_style.format_line, lines)


def _leaves_its_place(facts: BuildFacts, instruction: Instruction) -> bool:
    deferred = facts.deferred_copy
    is_deferred = deferred is not None and instruction.line_start == deferred.line
    return is_deferred or is_moved(facts, instruction)


def _find_lines(facts: BuildFacts, instruction: Instruction) -> tuple[int, int]:
    """Return the first and the last line of an instruction and of the comments around it."""
    dockerfile = facts.rule_input.dockerfile
    last = find_last_line(instruction)
    if instruction == dockerfile.statements[-1]:
        last = max([last, *(comment.line for comment in dockerfile.comments)])
    return find_first_line(dockerfile, instruction), last


def _list_moved_lines(facts: BuildFacts) -> Iterator[tuple[int, int]]:
    """Yield the ranges of lines that move, with the empty line below one between two."""
    stage, source = facts.rule_input.final_stages[-1], facts.rule_input.dockerfile.source
    moved = (x for x in stage.instructions if _leaves_its_place(facts, x))
    ranges = (_find_lines(facts, instruction) for instruction in moved)
    lines = {line for first, last in ranges for line in range(first, last + 1)}
    number = 0
    while number < len(source.lines):
        number += 1
        if number not in lines:
            continue
        first = number
        # Of the empty lines around what moves one remains, as between the other paragraphs.
        is_below_gap = not source.line_text(first - 1).text.strip()
        while number + 1 <= len(source.lines) and (
            number + 1 in lines or (is_below_gap and not source.line_text(number + 1).text.strip())
        ):
            number += 1
        yield first, number
