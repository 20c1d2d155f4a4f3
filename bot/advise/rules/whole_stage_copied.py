"""A whole build folder copied where only what it built is served."""

import posixpath
from collections.abc import Iterator

from bot.advise.copy_targets import destination, is_copy, sources
from bot.advise.finding import Finding, Tier
from bot.advise.subject import Step, Subject
from bot.dockerfile.edits import Change
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile, Stage

_SERVERS = ("nginx", "nginx-unprivileged", "httpd", "caddy", "lighttpd", "static-web-server")
_BUILDERS = ("npm", "yarn", "pnpm", "npx", "vite", "ng", "bun")
_OUTPUTS = ("dist", "build", "out", "public", ".output/public", "_site", "www")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `COPY --from` that takes the root of a stage, or a front end's sources with its result."""
    for step in subject.steps:
        stage = _source(subject.dockerfile, step)
        if stage is None or len(sources(step)) != 1:
            continue
        source = sources(step)[0]
        if source == "/":
            if destination(step) == "/" and subject.stages[0].base != "scratch":
                yield _root(subject, step)
        elif _is_front_end(subject, stage) and source.rstrip("/.") in _folders(stage):
            yield _served(subject, step, source)


def _root(subject: Subject, step: Step) -> Finding:
    return Finding(
        step.statement,
        "Copy the paths that are needed, not the whole stage",
        "Everything that the stage has is shipped on top of the base image. Name what the program "
        "reads; the stage's ENV, USER and CMD do not come along either.",
        subject.weigh(step, "/usr/share/doc", "/usr/include", "/var/cache", "/var/lib/apt/lists"),
    )


def _served(subject: Subject, step: Step, source: str) -> Finding:
    """What is served is the folder of the build's result, where the image shows which it is."""
    output = _output(subject, step)
    if output is None:
        message = (
            "The sources and `node_modules` are served with it. Copy only the folder that the build "
            "writes, often `dist` or `build`."
        )
        return Finding(step.statement, "Copy only what the build made", message)
    place = posixpath.join(source.rstrip("/."), output)
    return Finding(
        step.statement,
        f"Copy only what the build made: {place}",
        f"The image has an `index.html` in `{output}`; the rest are sources and modules that only "
        "the build needed. Check that the server's settings look for it one folder higher now.",
        _rest(subject, step, output),
        (_narrowed(subject, step, source, place),),
        Tier.CHECK,
    )


def _narrowed(subject: Subject, step: Step, source: str, place: str) -> Change:
    """The source's path in the instruction, made longer."""
    arguments = step.statement.arguments
    start = arguments.text.index(source)
    span = arguments[start : start + len(source)].span
    return Change(Span(span.start, span.end), place)


def _rest(subject: Subject, step: Step, output: str) -> int | None:
    """All that the instruction ships but the result."""
    if subject.evidence is None:
        return None
    whole = sum(subject.evidence.files(step.statement).values())
    return whole - (subject.weigh(step, posixpath.join(destination(step) or "/", output)) or 0)


def _output(subject: Subject, step: Step) -> str | None:
    """The folder below the destination that has a start page; None if there are several, or none."""
    if subject.evidence is None:
        return None
    target, files = (destination(step) or "/")[1:], subject.evidence.files(step.statement)
    found = [x for x in _OUTPUTS if posixpath.join(target, x, "index.html") in files]
    made = [x for x in found if x != "public"] or found
    return made[0] if len(made) == 1 else None


def _source(dockerfile: Dockerfile, step: Step) -> Stage | None:
    """The stage that an instruction copies from."""
    if not is_copy(step):
        return None
    found = dockerfile.borrowings(step.stage)
    return next((x.stage for x in found if x.statement == step.statement), None)


def _is_front_end(subject: Subject, stage: Stage) -> bool:
    """Whether a server of files ships what such a stage built."""
    name = (subject.base or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    return name in _SERVERS and any(
        command.name in _BUILDERS and any("build" in (x or "") for x in command.values)
        for statement in stage.instructions
        if statement.keyword == "RUN" and statement.script
        for command in statement.script.commands
    )


def _folders(stage: Stage) -> set[str]:
    """The stage's working folders."""
    found = {x.arguments.text for x in stage.instructions if x.keyword == "WORKDIR"}
    return {folder.rstrip("/") for folder in found}
