"""The text of a rewrite: the old file as its build stage, byte for byte where nothing must change, and
the new last stage below it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.advise.subject import Step
from bot.dockerfile.edits import Change, apply
from bot.dockerfile.instruction import Statement
from bot.dockerfile.source_text import Span
from bot.rewrite.build_facts import World
from bot.rewrite.copy_instructions import copy_lines, run_line
from bot.rewrite.package_install import lines_of
from bot.rewrite.plan import Plan
from bot.rewrite.setup_commands import setup_of
from bot.rewrite.user_commands import commands_for, group_command

# What says how an image runs, and so belongs to the last stage alone …
_RUNNING = ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME")
# … and what both need.
_BOTH = ("ENV", "WORKDIR", "USER", "SHELL", "ARG", "MAINTAINER")
_AFTER_COPIES = ("VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT", "USER")
_NAMES = ("build", "builder", "build-stage")
_FOLDER = re.compile(r"WORKDIR\s+\S", re.IGNORECASE)
_ABSOLUTE_FOLDER = re.compile(r"WORKDIR\s+[\"']?/", re.IGNORECASE)
# What does not care in which folder it is done.
_CARELESS = re.compile(r"(?:ENV|USER|COPY --from|ARG|RUN ldconfig|RUN ln -sf|\s)", re.IGNORECASE)


def write(world: World, plan: Plan) -> bytes:
    """The whole new Dockerfile."""
    dockerfile = world.subject.dockerfile
    stage = world.subject.stages[-1]
    name, last_name = stage_names(world)
    text = apply(dockerfile.source, _as_build_stage(world, name)).rstrip(b"\r\n")
    text = _closed(text, dockerfile.escape.encode())
    head = f"FROM {plan.base}" + (f" AS {last_name}" if last_name else "")
    if stage.platform:
        head = f"FROM --platform={stage.platform} {plan.base}" + head.removeprefix(
            f"FROM {plan.base}"
        )
    lines = ["", *plan.prepare, "", head, *_last_stage(world, plan, name)]
    below = "\n".join(lines).replace("\n", dockerfile.source.newline) + dockerfile.source.newline
    return text + below.encode("utf-8", "surrogateescape")


def _closed(text: bytes, escape: bytes) -> bytes:
    """A file that ends inside of a continuation, ended: what is put below would become part of it."""
    lines = text.split(b"\n")
    told = [n for n, x in enumerate(lines) if x.strip() and not x.lstrip().startswith(b"#")]
    mark = re.escape(escape)
    if told:
        ended = re.sub(rb"\s*(?<!%b)%b[ \t\r]*$" % (mark, mark), b"", lines[told[-1]])
        lines[told[-1]] = ended
    return b"\n".join(lines)


def stage_names(world: World) -> tuple[str, str | None]:
    """What the build stage is called, and the last one, if somebody asks for it by name."""
    stage, target = world.subject.stages[-1], world.subject.target
    taken = {(x.name or "").lower() for x in world.subject.dockerfile.stages}
    free = next((x for x in _NAMES if x not in taken), "build-of-image")
    if stage.name and target and stage.name.lower() == target.lower():
        return free, stage.name
    return stage.name or free, None


def _as_build_stage(world: World, name: str) -> Iterator[Change]:
    """The old stage gets a name and loses what only a running image needs."""
    stage, source = world.subject.stages[-1], world.subject.dockerfile.source
    arguments = stage.origin.arguments
    if stage.name is None:
        yield Change(Span(arguments.span.end, arguments.span.end), f" AS {name}")
    elif stage.name != name:
        found = re.search(r"\s+[aA][sS]\s+(\S+)\s*$", arguments.text)
        if found:
            yield Change(arguments[found.start(1) : found.end(1)].span, name)
    for statement in stage.instructions:
        if statement.keyword in _RUNNING:
            end = statement.heredocs[-1].line_end if statement.heredocs else statement.line_end
            yield Change(source.whole_lines(statement.line_start, end), "")


def _last_stage(world: World, plan: Plan, name: str) -> Iterator[str]:
    """The lines under the new `FROM`, in the order of the old file."""
    steps = [step for step in world.subject.steps if step.statement.keyword != "ONBUILD"]
    copies = list(copy_lines(world, plan.payload.pieces, name))
    place = _place_of_copies(steps)
    waiting: list[str] = []
    blocks: list[list[str]] = [[*plan.settings], _preparation(world, plan)]
    for step in steps:
        lines = list(_again(world, plan, step))
        if step.statement.line_start < place and step.statement.keyword in _AFTER_COPIES:
            waiting += lines
        else:
            blocks.append(lines)
        if step.statement.line_start == place:
            blocks += [copies, waiting]
            copies, waiting = [], []
    blocks += [copies, waiting]
    lines = [line for block in blocks for line in block]
    yield from _without_unused_folders(list(_without_unused_arguments(lines)))


def _preparation(world: World, plan: Plan) -> list[str]:
    """Packages and users: they change seldom, so they come first."""
    installer = world.release.installer
    commands = [group_command(name, gid, installer) for name, gid in plan.groups]
    commands += [x for account in plan.accounts for x in commands_for(account, installer)]
    if plan.folders:
        commands += [_made_anew(world, folder) for folder in plan.folders]
    lines = [*_continued(world, lines_of(plan.install, installer))]
    return lines + ([run_line(world, commands)] if commands else [])


def _continued(world: World, lines: Iterable[str]) -> Iterator[str]:
    """Lines of ours, continued as the file does it."""
    yield from (re.sub(r"\\$", lambda _: world.subject.dockerfile.escape, line) for line in lines)


def _made_anew(world: World, folder: str) -> str:
    """The command that makes a folder with the owner and the mode that it had."""
    entry = world.image.directories.get(folder)
    if entry is None:
        return f"mkdir -p /{folder}"
    return f"install -d -o {entry.uid} -g {entry.gid} -m {entry.mode & 0o7777:o} /{folder}"


def _place_of_copies(steps: Sequence[Step]) -> int:
    """The line of the last instruction that made files in the old file."""
    made = [x.statement.line_start for x in steps if x.statement.keyword in ("COPY", "ADD", "RUN")]
    return made[-1] if made else 0


def _again(world: World, plan: Plan, step: Step) -> Iterator[str]:
    """What an instruction of the old file is in the last stage."""
    statement = step.statement
    if statement.keyword in (*_RUNNING, *_BOTH):
        yield _text(world, statement)
    elif statement.keyword == "RUN":
        commands = setup_of(world, step, plan.payload.pieces)
        if commands:
            yield run_line(world, commands)


def _text(world: World, statement: Statement) -> str:
    """An instruction as it stands in the file."""
    end = statement.heredocs[-1].line_end if statement.heredocs else statement.line_end
    source = world.subject.dockerfile.source
    span = source.whole_lines(statement.line_start, end)
    text = source.data[span.start : span.end].decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").rstrip("\n")


def _without_unused_arguments(lines: Sequence[str]) -> Iterator[str]:
    """`ARG`s only where something below still refers to them."""
    for number, line in enumerate(lines):
        declared = re.match(r"\s*ARG\s+(\w+)", line, re.IGNORECASE)
        rest = "\n".join(lines[number + 1 :])
        if not declared or re.search(rf"\$\{{?{declared[1]}\b", rest):
            yield line


def _without_unused_folders(lines: Sequence[str]) -> Iterator[str]:
    """Without a `WORKDIR` that the next one replaces before anything was done in it."""
    for number, line in enumerate(lines):
        behind = (x for x in lines[number + 1 :] if not _CARELESS.match(x))
        follower = next(behind, "")
        if not (_FOLDER.match(line) and _ABSOLUTE_FOLDER.match(follower)):
            yield line
