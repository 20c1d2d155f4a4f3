"""The text of a rewrite: the old file as its build stage, byte for byte where nothing must change, and
the new last stage below it."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.advise.rewrite.accounts import commands_for
from bot.advise.rewrite.packages import lines_of
from bot.advise.rewrite.payload import Piece
from bot.advise.rewrite.plan import Plan
from bot.advise.rewrite.setup import setup_of
from bot.advise.rewrite.world import World
from bot.advise.subject import Step
from bot.core.edit import Change, apply
from bot.core.entries import Kind
from bot.core.source import Span
from bot.core.statement import Statement

# What says how an image runs, and so belongs to the last stage alone …
_RUNNING = ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME")
# … and what both need.
_BOTH = ("ENV", "WORKDIR", "USER", "SHELL", "ARG", "MAINTAINER")
_AFTER_COPIES = ("VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT", "USER")
_NAMES = ("build", "builder", "build-stage")
_ODD = re.compile(r"[\s\"'\[\]$\\]")


def write(world: World, plan: Plan) -> bytes:
    """The whole new Dockerfile."""
    dockerfile = world.subject.dockerfile
    stage = world.subject.stages[-1]
    name, last_name = stage_names(world)
    changes = list(_as_build_stage(world, name))
    text = apply(dockerfile.source, changes).decode("utf-8", "surrogateescape")
    newline = dockerfile.source.newline
    head = f"FROM {plan.base}" + (f" AS {last_name}" if last_name else "")
    if stage.platform:
        head = f"FROM --platform={stage.platform} {plan.base}" + head.removeprefix(f"FROM {plan.base}")
    lines = [*plan.prepare, "", head, *_last_stage(world, plan, name)]
    body = "\n".join([text.rstrip("\r\n").replace("\r\n", "\n"), *lines]) + "\n"
    return body.replace("\n", newline).encode("utf-8", "surrogateescape")


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
    yield from _without_unused_arguments([line for block in blocks for line in block])


def _preparation(world: World, plan: Plan) -> list[str]:
    """Packages and users: they change seldom, so they come first."""
    installer = world.release.installer
    commands = [x for account in plan.accounts for x in commands_for(account, installer)]
    lines = [*lines_of(plan.install, installer)]
    return lines + ([_run(commands)] if commands else [])


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
            yield _run(commands)


def _run(commands: Iterable[str]) -> str:
    return "RUN " + " \\\n    && ".join(commands)


def _text(world: World, statement: Statement) -> str:
    """An instruction as it stands in the file."""
    end = statement.heredocs[-1].line_end if statement.heredocs else statement.line_end
    source = world.subject.dockerfile.source
    span = source.whole_lines(statement.line_start, end)
    return source.passage(span).text.replace("\r\n", "\n").rstrip("\n")


def _without_unused_arguments(lines: Sequence[str]) -> Iterator[str]:
    """`ARG`s only where something below still refers to them."""
    for number, line in enumerate(lines):
        declared = re.match(r"\s*ARG\s+(\w+)", line, re.IGNORECASE)
        rest = "\n".join(lines[number + 1 :])
        if not declared or re.search(rf"\$\{{?{declared[1]}\b", rest):
            yield line


def copy_lines(world: World, pieces: Sequence[Piece], name: str) -> Iterator[str]:
    """`COPY --from` for each folder, and one for the files of each folder that is split up."""
    folders = [piece for piece in pieces if piece.is_folder]
    files = [piece for piece in pieces if not piece.is_folder and not piece.link]
    links = [piece for piece in pieces if piece.link]
    for piece in folders:
        flags = f"--from={name}{_owner(world, piece.path)}"
        yield f"COPY {flags} {_paths(f'/{piece.path}', f'/{piece.path}')}"
    for place, together in groupby(files, lambda x: posixpath.dirname(x.path)):
        for flags, same in _by_flags(world, name, list(together)):
            target = f"/{place}/" if place else "/"
            yield f"COPY {flags} {_paths(*(f'/{x.path}' for x in same), target)}"
    if links:
        yield _run(f"ln -sf {x.link} /{x.path}" for x in links)
    if any(re.search(r"(?:^|/)usr/local/lib/.*\.so", x) for x in world.own):
        yield "RUN ldconfig"


def _by_flags(world: World, name: str, files: list[Piece]) -> Iterator[tuple[str, list[Piece]]]:
    yield f"--from={name}", files


def _owner(world: World, folder: str) -> str:
    """`--chown` where all files of a folder are one user's: the folder itself is then theirs too."""
    owners = {
        (entry.uid, entry.gid)
        for path, entry in world.own.items()
        if path.startswith(f"{folder}/") and entry.kind is not Kind.SYMLINK
    }
    if len(owners) != 1 or owners == {(0, 0)}:
        return ""
    ((uid, gid),) = owners
    return f" --chown={uid}:{gid}"


def _paths(*paths: str) -> str:
    """The operands of a COPY, in JSON where one has a blank in it."""
    if any(_ODD.search(path) for path in paths):
        escaped = (path.replace("\\", "\\\\").replace('"', '\\"') for path in paths)
        return "[" + ", ".join(f'"{path}"' for path in escaped) + "]"
    return " ".join(paths)
