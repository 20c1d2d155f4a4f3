"""The program that a container starts, behind shells, wrappers, entry scripts and `npm start`."""

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.start_command import find_inline_script, strip_wrappers
from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.dockerfile.shell_script import Command
from bot.image.open_image import OpenImage
from bot.rewrite.build_facts import BuildFacts

_NODE_RUNNERS = ("npm", "yarn", "pnpm", "bun")
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Startup:
    """The commands that a container runs when it starts, in order and without wrappers.

    `scripts` are the paths of the shell scripts that were read.
    """

    commands: tuple[tuple[str, ...], ...]
    scripts: tuple[str, ...] = ()

    @property
    def program_names(self) -> tuple[str, ...]:
        """Return the names of the programs without their folders."""
        return tuple(posixpath.basename(command[0]) for command in self.commands)

    @property
    def main_command(self) -> tuple[str, ...]:
        """Return the command that keeps running; empty if nothing is started."""
        return self.commands[-1] if self.commands else ()


def resolve_startup(facts: BuildFacts) -> Startup:
    """Return what the image starts by default."""
    scripts: list[str] = []
    commands = tuple(_expand_command(facts, facts.built.config.command_line, scripts, 0))
    return Startup(commands, tuple(scripts))


def _expand_command(
    facts: BuildFacts, argv: tuple[str, ...], scripts: list[str], depth: int
) -> Iterator[tuple[str, ...]]:
    argv = strip_wrappers(argv)
    if not argv or depth > _MAX_DEPTH:
        return
    name, deeper = posixpath.basename(argv[0]), depth + 1
    if name in POSIX_SHELLS and (text := find_inline_script(argv)) is not None:
        yield from _expand_script(facts, text, (), scripts, deeper)
    elif name in POSIX_SHELLS and len(argv) > 1 and not argv[1].startswith("-"):
        yield from _expand_program(facts, argv[1:], argv, scripts, deeper)
    elif name in _NODE_RUNNERS and (npm_script := _read_npm_script(facts, argv)):
        yield argv
        yield from _expand_script(facts, npm_script, (), scripts, deeper)
    else:
        yield from _expand_program(facts, argv, argv, scripts, deeper)


def _expand_program(
    facts: BuildFacts,
    argv: tuple[str, ...],
    original: tuple[str, ...],
    scripts: list[str],
    depth: int,
) -> Iterator[tuple[str, ...]]:
    """Yield what a shell script runs, or the command itself if it is no script."""
    is_shell_argument = original is not argv
    built = facts.built
    path = _find_shell_script(built, argv[0]) if is_shell_argument else built.find_program(argv[0])
    text = facts.built.read_text(path) if path and _is_small_file(facts, path) else ""
    first = text.partition("\n")[0]
    is_script = first.startswith("#!") and any(
        posixpath.basename(word) in POSIX_SHELLS for word in first[2:].split()
    )
    if path is None or not (is_script or (is_shell_argument and text)):
        yield original
        return
    scripts.append(path)
    yield from _expand_script(facts, text, argv[1:], scripts, depth)


def _find_shell_script(built: OpenImage, name: str) -> str | None:
    """Return the file that `sh name` reads: one of the working folder first, executable or not."""
    path = posixpath.join(built.workdir, name)
    return built.paths.resolve(path) if built.paths.is_file(path) else built.find_program(name)


def _expand_script(
    facts: BuildFacts, text: str, arguments: tuple[str, ...], scripts: list[str], depth: int
) -> Iterator[tuple[str, ...]]:
    for command in facts.built.parse_script(text).commands:
        words = _fill_arguments(command, arguments)
        if words:
            yield from _expand_command(facts, words, scripts, depth)


def _fill_arguments(command: Command, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command's words with `"$@"` filled in; other variables stay as written."""
    words: list[str] = []
    for word in command.words:
        if word.text.strip('"') in ("$@", "${@}", "$*"):
            words += arguments
        else:
            words.append(word.text if word.value is None else word.value)
    return tuple(words)


def _read_npm_script(facts: BuildFacts, argv: tuple[str, ...]) -> str:
    """Return the script that `npm start` or `npm run x` runs; empty if it is unknown."""
    rest = [word for word in argv[1:] if not word.startswith("-")]
    name = rest[1] if rest[:1] in (["run"], ["run-script"]) and len(rest) > 1 else "".join(rest[:1])
    try:
        scripts = json.loads(
            facts.built.read_text(posixpath.join(facts.workdir, "package.json"))
        ).get("scripts", {})
    except (ValueError, AttributeError):
        return ""
    script = scripts.get(name) if isinstance(scripts, dict) else None
    return script if isinstance(script, str) else ""


def _is_small_file(facts: BuildFacts, path: str) -> bool:
    entry = facts.built.tree.get(path)
    return entry is not None and entry.size <= 100_000
