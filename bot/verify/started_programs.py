"""Programs that a command line starts: itself, the interpreter of a script, and what scripts call.

Only names that are written down count; what a variable holds when a script runs is not known.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.dockerfile.shell_programs import POSIX_SHELLS, STARTUP_WRAPPER_OPERANDS
from bot.image.open_image import OpenImage
from bot.verify.image_pair import ImagePair

# `chroot` and `xargs` run a program elsewhere or with more arguments. That they name it is enough
# here: only programs of the image count.
_WRAPPERS = STARTUP_WRAPPER_OPERANDS.keys() | {"chroot", "xargs"}
_MAX_DEPTH = 4
_MAX_SCRIPT_BYTES = 1 << 20
_SHEBANG = re.compile(r"#![ \t]*(\S+)(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class StartedProgram:
    """A program that is started by a name, and the file or command that starts it."""

    name: str
    started_by: str


def list_started_programs(
    pair: ImagePair, open_image: OpenImage, arguments: tuple[str, ...]
) -> list[StartedProgram]:
    """List the programs that a command line of an image starts, directly or through scripts."""
    walk = _ProgramWalk(pair, open_image)
    return list(dict.fromkeys(walk.walk_command(arguments, "the command", 0)))


def read_interpreter(content: bytes) -> tuple[str, ...]:
    """Return the interpreter of a script, behind `env` too; empty if there is no shebang."""
    match = _SHEBANG.match(content[:256].decode(errors="replace"))
    if not match:
        return ()
    arguments = (match[2] or "").split()
    # `env -S` splits the words behind it, which the kernel hands over as one.
    if posixpath.basename(match[1]) == "env":
        return (match[1], *[word for word in arguments if not word.startswith("-")][:1])
    return (match[1],)


@dataclass
class _ProgramWalk:
    """A walk from a command line to what it starts; each script is walked once at a depth.

    A script that calls itself in each of its lines would be walked as often as it has lines, to the
    power of the depth.
    """

    pair: ImagePair
    open_image: OpenImage
    walked_depths: dict[str, int] = field(default_factory=dict)

    def walk_command(
        self, arguments: tuple[str, ...], started_by: str, depth: int
    ) -> Iterator[StartedProgram]:
        """Yield the program of a command line, then what it starts in turn."""
        if not arguments or depth > _MAX_DEPTH:
            return
        name = arguments[0]
        yield StartedProgram(name, started_by)
        path = self.open_image.find_program(name)
        if path is None:
            return
        if posixpath.basename(name) in POSIX_SHELLS:
            yield from self._walk_shell_arguments(arguments[1:], depth)
            return
        interpreter = read_interpreter(_read_head(self.open_image, path))
        yield from (StartedProgram(word, f"/{path}") for word in interpreter)
        if interpreter and posixpath.basename(interpreter[-1]) in POSIX_SHELLS:
            yield from self._walk_script(path, depth)
        # A script (docker-entrypoint.sh) often ends with `exec "$@"`: its arguments are a command.
        if posixpath.basename(name) in _WRAPPERS or interpreter:
            yield from self._walk_wrapped_command(arguments[1:], name, depth)

    def _walk_shell_arguments(
        self, arguments: tuple[str, ...], depth: int
    ) -> Iterator[StartedProgram]:
        """Yield what a shell starts: its command string behind `-c`, or its script."""
        for index, word in enumerate(arguments):
            if word.startswith("-") and word.endswith("c"):
                for text in arguments[index + 1 : index + 2]:
                    yield from self._walk_script_text(text, "the command", depth)
                return
            if not word.startswith("-"):
                path = self.open_image.paths.resolve(posixpath.join(self.open_image.workdir, word))
                if path:
                    yield from self._walk_script(path, depth)
                return

    def _walk_script(self, path: str, depth: int) -> Iterator[StartedProgram]:
        # Nearer to the command line, more of what the script calls is within the depth.
        if depth < self.walked_depths.get(path, _MAX_DEPTH + 1):
            self.walked_depths[path] = depth
            text = _read_script(self.open_image, path)
            yield from self._walk_script_text(text, f"/{path}", depth)

    def _walk_script_text(self, text: str, started_by: str, depth: int) -> Iterator[StartedProgram]:
        """Yield what the commands of a shell script start."""
        for command in self.pair.old.parse_script(text).commands:
            words = [word.value for word in command.words]
            values = tuple(word for word in words if word)
            if words and words[0] and self.open_image.find_program(words[0]):
                yield from self.walk_command(values, started_by, depth + 1)
            # `command -v tool` only asks where the tool is.
            is_lookup = words[:1] == ["command"] and words[1:2] in (["-v"], ["-V"])
            if words and words[0] in _WRAPPERS and not is_lookup:
                yield from self._walk_wrapped_command(values[1:], started_by, depth)

    def _walk_wrapped_command(
        self, arguments: tuple[str, ...], started_by: str, depth: int
    ) -> Iterator[StartedProgram]:
        """Yield what a wrapper starts: its first argument that is a program of the image."""
        # Options and their values come first; a word far behind is an argument, not the command.
        for index, word in enumerate(arguments[:6]):
            if not word.startswith("-") and self.open_image.find_program(word):
                yield from self.walk_command(arguments[index:], started_by, depth + 1)
                return


def _read_head(open_image: OpenImage, path: str) -> bytes:
    entry = open_image.paths.find_entry(path)
    return (
        (open_image.files.read(path) or b"")[:256]
        if entry and entry.size < _MAX_SCRIPT_BYTES
        else b""
    )


def _read_script(open_image: OpenImage, path: str) -> str:
    entry = open_image.paths.find_entry(path)
    return open_image.read_text(path) if entry and entry.size < _MAX_SCRIPT_BYTES else ""
