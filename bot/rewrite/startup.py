"""The programs that a container starts: behind shells, wrappers, scripts, npm and supervisord."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.advise.start_command import PASS_THROUGH_SCRIPTS, find_inline_script, strip_wrappers
from bot.dockerfile.shell_programs import POSIX_SHELLS
from bot.dockerfile.shell_script import Command
from bot.image.open_image import OpenImage
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.package_json import find_package_folder, read_package
from bot.rewrite.script_variables import fill_variables, read_script_variables
from bot.rewrite.supervised_programs import list_supervised_commands

NODE_RUNNERS = ("npm", "yarn", "pnpm", "bun")
# Shell scripts that start a runtime: what counts is the command line that they get.
_RUNTIME_SCRIPTS = ("erl",)
_MAX_DEPTH = 6  # scripts that start each other: entry script, `npm start`, a shell, a wrapper
# Entry scripts of databases have some hundred commands. A script that calls itself in each of its
# lines has their sixth power.
_MAX_COMMANDS = 5_000
_MAX_SCRIPT_BYTES = 100_000  # above, the start of a program with data behind it (makeself)


@dataclass(frozen=True, slots=True)
class Startup:
    """The commands that a container runs when it starts, in order and without wrappers.

    `scripts` are the paths of the shell scripts that were read. `is_complete` is False if they run
    more commands than are followed.
    """

    commands: tuple[tuple[str, ...], ...]
    scripts: tuple[str, ...] = ()
    is_complete: bool = True

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
    expansion = _Expansion(facts)
    commands = tuple(expansion.expand_command(facts.built.config.command_line, 0))
    is_complete = expansion.commands_left > 0
    return Startup(commands, tuple(expansion.scripts), is_complete)


@dataclass
class _Expansion:
    """Follows a command line into the scripts that it runs, and counts what it has followed."""

    facts: BuildFacts
    scripts: list[str] = field(default_factory=list)
    commands_left: int = _MAX_COMMANDS

    def expand_command(self, argv: tuple[str, ...], depth: int) -> Iterator[tuple[str, ...]]:
        """Yield the commands that a command line runs, or itself if it is no script."""
        self.commands_left -= 1
        argv = strip_wrappers(argv, self._list_own_scripts(argv))
        if not argv or depth > _MAX_DEPTH or self.commands_left < 0:
            return
        name, deeper = posixpath.basename(argv[0]), depth + 1
        if name in POSIX_SHELLS and (text := find_inline_script(argv)) is not None:
            yield from self._expand_script(text, (), deeper)
        elif name in POSIX_SHELLS and len(argv) > 1 and not argv[1].startswith("-"):
            yield from self._expand_shell_argument(argv, deeper)
        elif name in NODE_RUNNERS and (npm_script := _read_npm_script(self.facts, argv)):
            # npm itself stays in the image, too: it starts what its script names.
            yield argv
            yield from self._expand_script(npm_script, (), deeper)
        elif name == "supervisord":
            yield argv
            for command in list_supervised_commands(self.facts.built, argv):
                yield from self._expand_script(command, (), deeper)
        elif name in _RUNTIME_SCRIPTS:
            yield argv
        else:
            yield from self._expand_program(argv, deeper)

    def _list_own_scripts(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words that name an entry script of the project, not one of the base image."""
        built = self.facts.built
        scripts = (word for word in argv if posixpath.basename(word) in PASS_THROUGH_SCRIPTS)
        return tuple(name for name in scripts if built.find_program(name) in built.own_files)

    def _expand_shell_argument(
        self, argv: tuple[str, ...], depth: int
    ) -> Iterator[tuple[str, ...]]:
        """Yield what `sh file` runs: the file needs no `#!` line and no mode."""
        path = _find_shell_script(self.facts.built, argv[1])
        text = self._read_script(path)
        if path and text:
            self.scripts.append(path)
            yield from self._expand_script(text, argv[2:], depth)
        else:
            yield argv

    def _expand_program(self, argv: tuple[str, ...], depth: int) -> Iterator[tuple[str, ...]]:
        """Yield what an executable shell script runs, or the command itself if it is none."""
        path = self.facts.built.find_program(argv[0])
        text = self._read_script(path)
        if path and _is_shell_script(text):
            self.scripts.append(path)
            yield from self._expand_script(text, argv[1:], depth)
        else:
            yield argv

    def _expand_script(
        self, text: str, arguments: tuple[str, ...], depth: int
    ) -> Iterator[tuple[str, ...]]:
        script = self.facts.built.parse_script(text)
        variables = read_script_variables(script, self.facts.built.config.env)
        for command in script.commands:
            if self.commands_left <= 0:
                return
            words = self._fill_words(command, arguments, variables)
            if words:
                yield from self.expand_command(words, depth)

    def _fill_words(
        self, command: Command, arguments: tuple[str, ...], variables: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Return a command's words with `"$@"` and the paths in variables filled in.

        Other variables stay as written.
        """
        words: list[str] = []
        for word in command.words:
            # Entry scripts end with `exec "$@"`: CMD is in their arguments.
            if word.text.strip('"') in ("$@", "${@}", "$*"):
                words += arguments
            elif word.value is not None:
                words.append(word.value)
            else:
                words.append(self._find_named_file(word.text, variables) or word.text)
        return tuple(words)

    def _find_named_file(self, text: str, variables: Mapping[str, str]) -> str | None:
        """Return the file that a word with variables names; None if it is none in the image."""
        built, path = self.facts.built, fill_variables(text, variables)
        is_file = path is not None and built.paths.is_file(posixpath.join(built.workdir, path))
        return path if is_file else None

    def _read_script(self, path: str | None) -> str:
        """Return the text of a file; empty if there is none, or if it is too large for a script."""
        entry = self.facts.built.tree.get(path or "")
        is_small = entry is not None and entry.size <= _MAX_SCRIPT_BYTES
        return self.facts.built.read_text(path) if path and is_small else ""


def _is_shell_script(text: str) -> bool:
    first = text.partition("\n")[0]
    names = (posixpath.basename(word) for word in first[2:].split())
    # `#!/usr/bin/env -S bash -e` names the shell in any place.
    return first.startswith("#!") and any(name in POSIX_SHELLS for name in names)


def _find_shell_script(built: OpenImage, name: str) -> str | None:
    """Return the file that `sh name` reads: one of the working folder first, executable or not."""
    path = posixpath.join(built.workdir, name)
    return built.paths.resolve(path) if built.paths.is_file(path) else built.find_program(name)


def _read_npm_script(facts: BuildFacts, argv: tuple[str, ...]) -> str:
    """Return the script that `npm start` or `npm run x` runs; empty if it is unknown."""
    rest = [word for word in argv[1:] if not word.startswith("-")]
    name = rest[1] if rest[:1] in (["run"], ["run-script"]) and len(rest) > 1 else "".join(rest[:1])
    scripts = read_package(facts, find_package_folder(facts)).get("scripts")
    script = scripts.get(name) if isinstance(scripts, dict) else None
    return script if isinstance(script, str) else ""
