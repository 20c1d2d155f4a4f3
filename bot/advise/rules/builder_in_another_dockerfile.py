"""One Dockerfile that builds, one that ships, and a script that carries a file from one to the other."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.copy_targets import iter_context_copies, list_copy_sources
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange, insert_lines
from bot.dockerfile.shell_calls import Call, iter_script_calls
from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile

_MANAGEMENT_COMMANDS = ("container", "image", "buildx")


@dataclass(frozen=True, slots=True)
class _ExtractedFile:
    """What a script takes out of a container: made of which Dockerfile, from where, to where."""

    script: str
    dockerfile: str
    container_path: str
    context_path: str


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Every `COPY` of a file that a script beside the Dockerfile brings from another one's image."""
    context = rule_input.context
    if context is None:
        return
    carried = [
        x
        for name, script in context.shell_scripts.items()
        for x in _find_extracted_files(name, script)
    ]
    for step in iter_context_copies(rule_input.steps):
        for each in carried:
            builder = context.other_dockerfiles.get(posixpath.basename(each.dockerfile))
            if builder and [posixpath.normpath(x) for x in list_copy_sources(step)] == [
                each.context_path
            ]:
                yield _build_finding(rule_input, step, each, builder)


def _build_finding(
    rule_input: RuleInput, step: Step, extracted: _ExtractedFile, builder: Dockerfile
) -> Finding:
    changes = tuple(_build_changes(rule_input, step, extracted, builder))
    return Finding(
        step.instruction,
        f"Use a multi-stage build instead of {extracted.dockerfile}",
        f"{extracted.script} builds {extracted.dockerfile}, and copies "
        f"{extracted.container_path} from a container for this line. As a stage of this file, one "
        f"`docker build` does both. Check that nothing else uses {extracted.dockerfile} or its "
        "image.",
        changes=changes,
        safety=FixSafety.NEEDS_CHECK if changes else FixSafety.MANUAL,
    )


def _build_changes(
    rule_input: RuleInput, step: Step, extracted: _ExtractedFile, builder: Dockerfile
) -> Iterator[TextChange]:
    """The builder's one stage in front, under a name, and the `COPY` from it."""
    dockerfile = rule_input.dockerfile
    taken = {(stage.name or "").lower() for stage in dockerfile.stages}
    by_number = any(name.isdecimal() for x in dockerfile.instructions for name in x.from_names)
    if len(builder.stages) > 1 or builder.global_args or by_number or "build" in taken:
        return
    stage = builder.stages[0]
    name = stage.name or "build"
    end = stage.from_instruction.argument_text.span.end
    text = builder.source.data
    lines = text[builder.source.line_start(stage.from_instruction.line_start) : end]
    named = lines.decode(errors="replace") + ("" if stage.name else f" AS {name}")
    rest = text[end:].decode(errors="replace").lstrip(" \t").rstrip("\n")
    start = dockerfile.stages[0].from_instruction.line_start
    yield insert_lines(dockerfile.source, start, f"{named}{rest}\n\n")
    place = step.instruction.argument_text.span
    yield TextChange(
        place, f"--from={name} {extracted.container_path} {_choose_target(step, extracted)}"
    )


def _choose_target(step: Step, extracted: _ExtractedFile) -> str:
    """Where to: under the name that it had, if the two names differ."""
    given, name = step.instruction.arguments[-1], posixpath.basename(extracted.context_path)
    if given.endswith("/") and posixpath.basename(extracted.container_path) != name:
        return given + name
    return given


def _find_extracted_files(script_name: str, script: Script) -> Iterator[_ExtractedFile]:
    """Follows a script: images by the Dockerfile they are built of, containers by their image."""
    images: dict[str, str] = {}
    containers: dict[str, str] = {}
    for call in iter_script_calls(script):
        words = _parse_docker_arguments(call)
        match words[:1]:
            case ["build"]:
                tag, dockerfile = (
                    _find_option_value(call, "-t", "--tag"),
                    _find_option_value(call, "-f", "--file"),
                )
                images[tag] = dockerfile or "Dockerfile"
            case ["create" | "run"]:
                image = next((value for value in words if value in images), "")
                containers[_find_option_value(call, "--name")] = image
            case ["cp"] if len(words) == 3:
                container, _, path = words[1].partition(":")
                dockerfile = images.get(containers.get(container, ""), "")
                if dockerfile:
                    yield _ExtractedFile(
                        script_name, dockerfile, path, posixpath.normpath(words[2])
                    )


def _parse_docker_arguments(call: Call) -> list[str]:
    """`cp`, from, to of `docker container cp from to`; empty for another program."""
    if call.name not in ("docker", "podman"):
        return []
    words = [word.value or "" for word in call.operands]
    return words[1:] if words[:1] and words[0] in _MANAGEMENT_COMMANDS else words


def _find_option_value(call: Call, *names: str) -> str:
    """The value of an option, in a word of its own or behind `=`; empty if there is none."""
    for word, following in zip(call.arguments, [*call.arguments[1:], None], strict=True):
        option, equals, value = (word.value or "").partition("=")
        if option in names:
            return value if equals else (following.value or "" if following else "")
    return ""
