"""The text of a rewrite: the old file as its build stage, byte for byte where nothing must change, and
the new last stage below it."""

import json
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
from bot.core.source import Span
from bot.core.statement import Statement

# What says how an image runs, and so belongs to the last stage alone …
_RUNNING = ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME")
# … and what both need.
_BOTH = ("ENV", "WORKDIR", "USER", "SHELL", "ARG", "MAINTAINER")
_AFTER_COPIES = ("VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "CMD", "ENTRYPOINT", "USER")
_NAMES = ("build", "builder", "build-stage")
_LIBRARY = re.compile(r"usr/local/lib(?:64)?/[^/]*\.so")
_USUAL_MODE = 0o755
_FOLDER = re.compile(r"WORKDIR\s+\S", re.IGNORECASE)
_ABSOLUTE_FOLDER = re.compile(r"WORKDIR\s+[\"']?/", re.IGNORECASE)
# What does not care in which folder it is done.
_CARELESS = re.compile(r"(?:ENV|USER|COPY --from|ARG|RUN ldconfig|RUN ln -sf|\s)", re.IGNORECASE)
_ODD = re.compile(r"[\s\"'\[\]$\\`]")


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
    commands = [x for account in plan.accounts for x in commands_for(account, installer)]
    if plan.folders:
        commands += [_made_anew(world, folder) for folder in plan.folders]
    lines = [*_continued(world, lines_of(plan.install, installer))]
    return lines + ([_run(world, commands)] if commands else [])


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
            yield _run(world, commands)


def _run(world: World, commands: Iterable[str]) -> str:
    return "RUN " + f" {world.subject.dockerfile.escape}\n    && ".join(commands)


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


def copy_lines(world: World, pieces: Sequence[Piece], name: str) -> Iterator[str]:
    """`COPY --from` for each folder, and one for the files of each folder that is split up."""
    folders = [piece for piece in pieces if piece.is_folder]
    files = [piece for piece in pieces if not piece.is_folder and not piece.link]
    links = [piece for piece in pieces if piece.link]
    for piece in folders:
        flags = f"--from={name}{_owner(world, piece.path)}"
        yield f"COPY {flags} {_paths(world, f'/{piece.path}', f'/{piece.path}')}"
    for place, together in groupby(files, lambda x: posixpath.dirname(x.path)):
        target = f"/{place}/" if place else "/"
        yield f"COPY --from={name} {_paths(world, *(f'/{x.path}' for x in together), target)}"
    restored = list(_restored(world, pieces))
    if restored:
        yield _run(world, restored)
    if links:
        yield _run(world, (f"ln -sf {x.link} /{x.path}" for x in links))
    if any(_LIBRARY.match(path) for path in world.own):
        yield "RUN ldconfig"


def _owner(world: World, folder: str) -> str:
    """`--chown` where a folder and all in it are one user's: the folder itself would become root's."""
    entry = world.image.directories.get(folder)
    if entry is None or (entry.uid, entry.gid) == (0, 0):
        return ""
    files = (x for path, x in world.own.items() if path.startswith(f"{folder}/"))
    same = all((x.uid, x.gid) == (entry.uid, entry.gid) for x in files)
    return f" --chown={entry.uid}:{entry.gid}" if same else ""


def _restored(world: World, pieces: Iterable[Piece]) -> Iterator[str]:
    """What the copied folders themselves, and those above, do not get from a COPY: owner and mode."""
    for folder in _made_folders(world, pieces):
        entry = world.image.directories[folder]
        if (entry.uid, entry.gid) != (0, 0):
            yield f"chown {entry.uid}:{entry.gid} /{folder}"
        if entry.mode & 0o7777 != _USUAL_MODE:
            yield f"chmod {entry.mode & 0o7777:o} /{folder}"


def _made_folders(world: World, pieces: Iterable[Piece]) -> Sequence[str]:
    """The folders of the Dockerfile's own that hold the pieces, the pieces among them."""
    found: set[str] = set()
    for piece in pieces:
        folder = piece.path if piece.is_folder else posixpath.dirname(piece.path)
        while folder:
            found.add(folder)
            folder = posixpath.dirname(folder)
    own = {layer.index for layer in world.image.layers if not layer.from_base_image}
    origins = world.image.directory_origins
    return sorted(x for x in found if x in world.image.directories and origins.get(x) in own)


def _paths(world: World, *paths: str) -> str:
    """The operands of a COPY, in JSON where one has a blank or the like in it; all but the last are
    patterns, and variables are filled in in all of them."""
    if not any(_ODD.search(path) for path in paths):
        return " ".join(paths)
    escape = world.subject.dockerfile.escape
    plain = [re.sub(r"[\\$`]", lambda x: _escaped(x[0], escape), path) for path in paths]
    words = [*(path.replace("[", "[[]") for path in plain[:-1]), plain[-1]]
    return json.dumps(words, ensure_ascii=False)


def _escaped(character: str, escape: str) -> str:
    """A character that would be more than itself; only one of the two escapes is."""
    return f"{escape}{character}" if character in ("$", escape) else character
