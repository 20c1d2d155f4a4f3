"""Stages that are referred to by number."""

import re
from collections.abc import Container, Iterator
from itertools import chain, count

from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput
from bot.dockerfile.arguments import Flag
from bot.dockerfile.edits import TextChange
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile, Stage, StageReference


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every stage that a `--from` names by its number."""
    dockerfile = rule_input.dockerfile
    stages = rule_input.plan.required_stages
    references = [
        reference
        for stage in stages
        for reference in dockerfile.stage_references(stage)
        if reference.name.isdecimal()
    ]
    taken_names = set(dockerfile.names_in_use)
    for number in sorted({x.name for x in references}, key=int):
        users = [reference for reference in references if reference.name == number]
        stage = users[0].stage
        if stage is None or _has_namesake(dockerfile, stage):
            continue
        name = stage.name or _choose_stage_name(taken_names, stage)
        taken_names.add(name)
        yield Finding(
            users[0].instruction,
            f"Name stage {number}",
            f"The number changes when a stage is inserted before it; the name `{name}` does not.",
            changes=tuple(_build_changes(users, stage, name)),
            safety=FixSafety.SAFE,
        )


def _has_namesake(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Return True if another stage has the same name, so that a number is needed."""
    names = [(x.name or "").lower() for x in dockerfile.stages]
    return stage.name is not None and names.count(stage.name.lower()) > 1


def _build_changes(
    references: list[StageReference], stage: Stage, stage_name: str
) -> Iterator[TextChange]:
    if stage.name is None:
        end = stage.from_instruction.argument_text.span.end
        yield TextChange(Span(end, end), f" AS {stage_name}")
    for instruction in dict.fromkeys(user.instruction for user in references):
        for flag in instruction.flags:
            new_text = _rename_stage(flag, references[0].name, stage_name)
            if new_text != flag.text:
                yield TextChange(flag.span, new_text)


def _rename_stage(flag: Flag, number: str, stage_name: str) -> str:
    if flag.name == "from" and flag.value == number:
        return f"--from={stage_name}"
    if flag.name == "mount":
        # A mount has its stage as one of several fields: `--mount=type=bind,from=0,target=/x`.
        return re.sub(rf"(?<=[,=])from={number}(?=,|$)", f"from={stage_name}", flag.text)
    return flag.text


def _choose_stage_name(taken_names: Container[str], stage: Stage) -> str:
    """Return `build`, or another name that stands for no stage and no image in the file."""
    candidates = chain(["build"], (f"stage-{number}" for number in count(stage.index)))
    return next(name for name in candidates if name not in taken_names)
