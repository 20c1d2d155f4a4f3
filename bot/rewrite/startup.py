"""What a container really starts, behind shells, wrappers, entry scripts and `npm start`."""

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from bot.dockerfile.shell_script import Command
from bot.rewrite.build_facts import World

_SHELLS = ("sh", "bash", "ash", "dash")
# The entry scripts of official images, which start what they are told.
PASSING_ON = ("docker-entrypoint.sh", "docker-php-entrypoint")
# Programs that start another one: how many of their own words, options left out, come before it.
_WRAPPERS = {
    "tini": 0,
    "dumb-init": 0,
    "exec": 0,
    "env": 0,
    "nice": 0,
    "nohup": 0,
    "time": 0,
    "gosu": 1,
    "su-exec": 1,
    "setpriv": 0,
    "catchsegv": 0,
    **dict.fromkeys(PASSING_ON, 0),
    "wait-for-it.sh": 1,
    "command": 0,
}
_NODE_RUNNERS = ("npm", "yarn", "pnpm", "bun")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Launch:
    """The command lines that a container runs when it starts, in order, each without wrappers.

    `scripts` are the shell scripts that were read on the way, by path.
    """

    commands: tuple[tuple[str, ...], ...]
    scripts: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The programs' names without their folders."""
        return tuple(posixpath.basename(command[0]) for command in self.commands)

    @property
    def last(self) -> tuple[str, ...]:
        """The command that stays; empty if nothing is started."""
        return self.commands[-1] if self.commands else ()


def launch_of(world: World) -> Launch:
    """What the image starts by itself."""
    scripts: list[str] = []
    commands = tuple(_unfold(world, world.settings.arguments, scripts, 0))
    return Launch(commands, tuple(scripts))


def _unfold(
    world: World, words: tuple[str, ...], scripts: list[str], depth: int
) -> Iterator[tuple[str, ...]]:
    words = _unwrapped(words)
    if not words or depth > _DEEPEST:
        return
    name, deeper = posixpath.basename(words[0]), depth + 1
    if name in _SHELLS and (text := _inline(words)) is not None:
        yield from _script(world, text, (), scripts, deeper)
    elif name in _SHELLS and len(words) > 1 and not words[1].startswith("-"):
        here = f"./{words[1]}"  # a shell opens its script in the working folder first
        script = here if "/" not in words[1] and world.which(here) else words[1]
        yield from _file(world, (script, *words[2:]), words, scripts, deeper)
    elif name in _NODE_RUNNERS and (named := _npm_script(world, words)):
        yield words
        yield from _script(world, named, (), scripts, deeper)
    else:
        yield from _file(world, words, words, scripts, deeper)


def _file(
    world: World, words: tuple[str, ...], whole: tuple[str, ...], scripts: list[str], depth: int
) -> Iterator[tuple[str, ...]]:
    """What a shell script runs; the command itself if it is none."""
    place = world.which(words[0])
    path = world.paths.real(place) if place else None
    text = world.text(path) if path and _is_small(world, path) else ""
    first = text.partition("\n")[0]
    is_script = first.startswith("#!") and any(
        posixpath.basename(word) in _SHELLS for word in first[2:].split()
    )
    if path is None or not (is_script or (whole is not words and text)):
        yield whole
        return
    scripts.append(path)
    yield from _script(world, text, words[1:], scripts, depth)


def _script(
    world: World, text: str, given: tuple[str, ...], scripts: list[str], depth: int
) -> Iterator[tuple[str, ...]]:
    for command in world.read_script(text).commands:
        words = _words(command, given)
        if words:
            yield from _unfold(world, words, scripts, depth)


def _words(command: Command, given: tuple[str, ...]) -> tuple[str, ...]:
    """A command's words, `"$@"` filled in; what is known only when it runs stays as written."""
    found: list[str] = []
    for word in command.words:
        if word.text.strip('"') in ("$@", "${@}", "$*"):
            found += given
        else:
            found.append(word.text if word.value is None else word.value)
    return tuple(found)


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without `tini --`, `gosu app`, `env A=b` and their like in front."""
    while words and (count := _WRAPPERS.get(posixpath.basename(words[0]))) is not None:
        rest = list(words[1:])
        while rest and (rest[0].startswith("-") or "=" in rest[0]):
            rest.pop(0)
        rest = rest[count:]
        words = tuple(rest[1:] if rest[:1] == ["--"] else rest)
    return words


def _inline(words: tuple[str, ...]) -> str | None:
    """The text of `sh -c text`."""
    for number, word in enumerate(words[1:], 1):
        if word.startswith("-") and word.endswith("c") and number + 1 < len(words):
            return words[number + 1]
        if not word.startswith("-"):
            return None
    return None


def _npm_script(world: World, words: tuple[str, ...]) -> str:
    """The script that `npm start` or `npm run x` stands for; empty if it is unknown."""
    rest = [word for word in words[1:] if not word.startswith("-")]
    name = rest[1] if rest[:1] in (["run"], ["run-script"]) and len(rest) > 1 else "".join(rest[:1])
    try:
        scripts = json.loads(world.text(posixpath.join(world.workdir, "package.json"))).get(
            "scripts", {}
        )
    except (ValueError, AttributeError):
        return ""
    script = scripts.get(name) if isinstance(scripts, dict) else None
    return script if isinstance(script, str) else ""


def _is_small(world: World, path: str) -> bool:
    entry = world.tree.get(path)
    return entry is not None and entry.size <= 100_000
