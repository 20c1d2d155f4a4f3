"""The build stage of a rewrite: the old file without what says how the image runs.

It stays as it is, byte for byte, but for its name and the instructions of a running image, which
move to the last stage with the comments above them. A copy of all sources may move below installs.
"""

import re
from collections.abc import Iterator

from bot.dockerfile.edits import TextChange, insert_lines
from bot.dockerfile.instruction import Instruction
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


def render_deferred_copy(facts: BuildFacts) -> Iterator[TextChange]:
    """Yield the changes that copy the manifests first, and all sources below the installs."""
    deferred, source = facts.deferred_copy, facts.rule_input.dockerfile.source
    if deferred is None:
        return
    manifests = list(deferred.render_manifests(facts.text_style))
    if manifests:
        first = _find_first_line(facts, deferred.step.instruction)
        yield insert_lines(source, first, "\n".join(manifests))
    if deferred.line not in facts.moved_copies:
        text = read_instruction_text(facts, deferred.step.instruction)
        if deferred.joint:
            run = facts.text_style.format_line("RUN ")
            yield TextChange(deferred.joint, f"\n{text}\n{run}")
        else:
            yield insert_lines(source, find_last_line(deferred.last_run) + 1, text)


def read_instruction_text(facts: BuildFacts, instruction: Instruction) -> str:
    """Return the text of an instruction as it is in the file, heredocs included.

    With one that moves come the comments right above it, after an empty line.
    """
    first = instruction.line_start
    if _leaves_its_place(facts, instruction):
        first = _find_first_line(facts, instruction)
    source = facts.rule_input.dockerfile.source
    span = source.span_of_lines(first, find_last_line(instruction))
    text = source.data[span.start : span.end].decode("utf-8", "surrogateescape")
    gap = "\n" if first < instruction.line_start else ""
    return gap + text.replace("\r\n", "\n").rstrip("\n")


def render_moved_copy(facts: BuildFacts, instruction: Instruction) -> Iterator[str]:
    """Yield the instructions that replace a copy from the context, below its comments."""
    lines = facts.moved_copies[instruction.line_start] or ()
    first, source = _find_first_line(facts, instruction), facts.rule_input.dockerfile.source
    if lines and first < instruction.line_start:
        span = source.span_of_lines(first, instruction.line_start - 1)
        text = source.data[span.start : span.end].decode("utf-8", "surrogateescape")
        yield "\n" + text.replace("\r\n", "\n").rstrip("\n")
    yield from map(facts.text_style.format_line, lines)


def _find_first_line(facts: BuildFacts, instruction: Instruction) -> int:
    """Return the first line of the comments right above an instruction."""
    dockerfile = facts.rule_input.dockerfile
    comments = {comment.line for comment in dockerfile.comments}
    # A comment within a continued instruction belongs to that one.
    before = [x for x in dockerfile.statements if x.line_start < instruction.line_start]
    end = max((find_last_line(x) for x in before), default=0)
    first = instruction.line_start
    while first - 1 in comments and first - 1 > end:
        first -= 1
    return first


def find_last_line(instruction: Instruction) -> int:
    """Return the last line of an instruction, heredocs included."""
    return instruction.heredocs[-1].line_end if instruction.heredocs else instruction.line_end


def _leaves_its_place(facts: BuildFacts, instruction: Instruction) -> bool:
    deferred = facts.deferred_copy
    is_deferred = deferred is not None and instruction.line_start == deferred.line
    return is_deferred or is_moved(facts, instruction)


def _list_moved_lines(facts: BuildFacts) -> Iterator[tuple[int, int]]:
    """Yield the ranges of lines that move, with the empty line below one between two."""
    stage, source = facts.rule_input.final_stages[-1], facts.rule_input.dockerfile.source
    lines = {
        line
        for instruction in stage.instructions
        if _leaves_its_place(facts, instruction)
        for line in range(_find_first_line(facts, instruction), find_last_line(instruction) + 1)
    }
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
