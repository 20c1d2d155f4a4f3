"""One Dockerfile that builds, one that ships, and a script that carries a file from one to the other."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.copy_targets import from_context, sources
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change, insert_lines
from bot.dockerfile.shell_calls import Call, calls_in
from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile

_KINDS = ("container", "image", "buildx")


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a script takes out of a container: made of which Dockerfile, from where, to where."""

    script: str
    dockerfile: str
    path: str
    to: str


def find(subject: Subject) -> Iterator[Finding]:
    """Every `COPY` of a file that a script beside the Dockerfile brings from another one's image."""
    context = subject.context
    if context is None:
        return
    carried = [x for name, script in context.scripts.items() for x in _carried(name, script)]
    for step in from_context(subject.steps):
        for each in carried:
            builder = context.neighbours.get(posixpath.basename(each.dockerfile))
            if builder and [posixpath.normpath(x) for x in sources(step)] == [each.to]:
                yield _finding(subject, step, each, builder)


def _finding(subject: Subject, step: Step, carried: _Carried, builder: Dockerfile) -> Finding:
    changes = tuple(_changes(subject, step, carried, builder))
    return Finding(
        step.statement,
        f"Make {carried.dockerfile} a stage of this file",
        f"{carried.script} builds {carried.dockerfile}, and copies {carried.path} out of a container "
        "for this line. As a stage, BuildKit does both with one `docker build`. Check that nothing "
        f"else uses {carried.dockerfile} or the image of its own.",
        changes=changes,
        tier=Tier.CHECK if changes else Tier.TELL,
    )


def _changes(
    subject: Subject, step: Step, carried: _Carried, builder: Dockerfile
) -> Iterator[Change]:
    """The builder's one stage in front, under a name, and the `COPY` from it."""
    dockerfile = subject.dockerfile
    taken = {(stage.name or "").lower() for stage in dockerfile.stages}
    by_number = any(name.isdecimal() for x in dockerfile.statements for name in x.origins)
    if len(builder.stages) > 1 or builder.preamble or by_number or "build" in taken:
        return
    stage = builder.stages[0]
    name = stage.name or "build"
    end = stage.origin.arguments.span.end
    text = builder.source.data
    lines = text[builder.source.start_of(stage.origin.line_start) : end]
    named = lines.decode(errors="replace") + ("" if stage.name else f" AS {name}")
    rest = text[end:].decode(errors="replace").lstrip(" \t").rstrip("\n")
    start = dockerfile.stages[0].origin.line_start
    yield insert_lines(dockerfile.source, start, f"{named}{rest}\n\n")
    place = step.statement.arguments.span
    yield Change(place, f"--from={name} {carried.path} {_into(step, carried)}")


def _into(step: Step, carried: _Carried) -> str:
    """Where to: under the name that it had, if the two names differ."""
    given, name = step.statement.words[-1], posixpath.basename(carried.to)
    if given.endswith("/") and posixpath.basename(carried.path) != name:
        return given + name
    return given


def _carried(name: str, script: Script) -> Iterator[_Carried]:
    """Follows a script: images by the Dockerfile they are built of, containers by their image."""
    images: dict[str, str] = {}
    containers: dict[str, str] = {}
    for call in calls_in(script):
        words = _words(call)
        match words[:1]:
            case ["build"]:
                tag, dockerfile = _option(call, "-t", "--tag"), _option(call, "-f", "--file")
                images[tag] = dockerfile or "Dockerfile"
            case ["create" | "run"]:
                image = next((value for value in words if value in images), "")
                containers[_option(call, "--name")] = image
            case ["cp"] if len(words) == 3:
                container, _, path = words[1].partition(":")
                dockerfile = images.get(containers.get(container, ""), "")
                if dockerfile:
                    yield _Carried(name, dockerfile, path, posixpath.normpath(words[2]))


def _words(call: Call) -> list[str]:
    """`cp`, from, to of `docker container cp from to`; empty for another program."""
    if call.name not in ("docker", "podman"):
        return []
    words = [word.value or "" for word in call.operands]
    return words[1:] if words[:1] and words[0] in _KINDS else words


def _option(call: Call, *names: str) -> str:
    """The value of an option, in a word of its own or behind `=`; empty if there is none."""
    for word, following in zip(call.arguments, [*call.arguments[1:], None], strict=True):
        option, equals, value = (word.value or "").partition("=")
        if option in names:
            return value if equals else (following.value or "" if following else "")
    return ""
