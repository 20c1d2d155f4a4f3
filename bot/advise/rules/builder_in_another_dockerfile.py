"""The builder pattern: a script copies files from another Dockerfile's image."""

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
    """A file that a script copies out of a container: the Dockerfile, both paths."""

    script: str
    dockerfile: str
    container_path: str
    context_path: str


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `COPY` of a file that a script extracts from another Dockerfile's image."""
    context = rule_input.context
    if context is None:
        return
    extracted_files = [
        extracted
        for name, script in context.shell_scripts.items()
        for extracted in _find_extracted_files(name, script)
    ]
    for step in iter_context_copies(rule_input.steps):
        sources = [posixpath.normpath(source) for source in list_copy_sources(step)]
        for extracted in extracted_files:
            builder = context.other_dockerfiles.get(posixpath.basename(extracted.dockerfile))
            if builder and sources == [extracted.context_path]:
                yield _build_finding(rule_input, step, extracted, builder)


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
        must_shrink=False,
    )


def _build_changes(
    rule_input: RuleInput, step: Step, extracted: _ExtractedFile, builder: Dockerfile
) -> Iterator[TextChange]:
    """Insert the builder's only stage, named, and copy from it."""
    dockerfile = rule_input.dockerfile
    # A stage in front would shift what `--from=0` means.
    by_number = any(name.isdecimal() for x in dockerfile.statements for name in x.from_names)
    stage = builder.stages[0]
    name = stage.name or "build"
    is_taken = name.lower() in dockerfile.names_in_use
    if len(builder.stages) > 1 or builder.global_args or by_number or is_taken:
        return
    end = stage.from_instruction.argument_text.span.end
    text = builder.source.data
    lines = text[builder.source.line_start(stage.from_instruction.line_start) : end]
    from_line = lines.decode(errors="replace") + ("" if stage.name else f" AS {name}")
    stage_text = text[end:].decode(errors="replace").lstrip(" \t").rstrip("\n")
    start = dockerfile.stages[0].from_instruction.line_start
    yield insert_lines(dockerfile.source, start, f"{from_line}{stage_text}\n\n")
    arguments = step.instruction.argument_text.span
    yield TextChange(
        arguments, f"--from={name} {extracted.container_path} {_choose_target(step, extracted)}"
    )


def _choose_target(step: Step, extracted: _ExtractedFile) -> str:
    """Return the destination, with the former file name if the two names differ."""
    destination, name = step.instruction.words[-1], posixpath.basename(extracted.context_path)
    if destination.endswith("/") and posixpath.basename(extracted.container_path) != name:
        return destination + name
    return destination


def _find_extracted_files(script_name: str, script: Script) -> Iterator[_ExtractedFile]:
    """Follow a script from images to containers to copied files."""
    images: dict[str, str] = {}
    containers: dict[str, str] = {}
    for call in iter_script_calls(script):
        words = _parse_docker_arguments(call)
        match words[:1]:
            # `docker build -t x`, then `docker create --name y x` or `run`, then `docker cp y:/path
            # .`.
            case ["build"]:
                tag = _find_option_value(call, "-t", "--tag")
                images[tag] = _find_option_value(call, "-f", "--file") or "Dockerfile"
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
    """Return `cp from to` of `docker container cp from to`; nothing for other programs."""
    if call.name not in ("docker", "podman"):
        return []
    words = [word.value or "" for word in call.operands]
    return words[1:] if words[:1] and words[0] in _MANAGEMENT_COMMANDS else words


def _find_option_value(call: Call, *names: str) -> str:
    """Return the value of an option, behind a blank or `=`; empty if there is none."""
    for word, following in zip(call.arguments, [*call.arguments[1:], None], strict=True):
        option, equals, value = (word.value or "").partition("=")
        if option in names:
            return value if equals else (following.value or "" if following else "")
    return ""
