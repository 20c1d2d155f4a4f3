"""What a command line starts: the program, the interpreter of a script, what a script calls."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.verify.image_pair import Exhibit, Piece

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh"})
_WRAPPERS = frozenset(
    {"exec", "env", "tini", "dumb-init", "gosu", "su-exec", "setpriv", "chroot", "nice", "time"}
    | {"nohup", "stdbuf", "timeout", "xargs", "command", "catatonit", "sudo", "if", "!"}
)
_DEEPEST = 4
_MAX_SCRIPT = 1 << 20
_SHEBANG = re.compile(r"#!\s*(\S+)(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class Start:
    """A program that is started by a name, and by whom."""

    name: str
    by: str


def starts(exhibit: Exhibit, piece: Piece, arguments: tuple[str, ...]) -> list[Start]:
    """Every program that a command line of an image starts, as far as it is written down there."""
    return list(dict.fromkeys(_starts(exhibit, piece, arguments, "the command", 0)))


def shebang(content: bytes) -> tuple[str, ...]:
    """The interpreter of a script, `env` followed to what it looks for; empty if there is none."""
    match = _SHEBANG.match(content[:256].decode(errors="replace"))
    if not match:
        return ()
    words = (match[2] or "").split()
    if posixpath.basename(match[1]) == "env":
        return (match[1], *[word for word in words if not word.startswith("-")][:1])
    return (match[1],)


def _starts(
    exhibit: Exhibit, piece: Piece, arguments: tuple[str, ...], by: str, depth: int
) -> Iterator[Start]:
    if not arguments or depth > _DEEPEST:
        return
    name = arguments[0]
    yield Start(name, by)
    path = piece.program(name)
    if path is None:
        return
    if posixpath.basename(name) in _SHELLS:
        yield from _by_shell(exhibit, piece, arguments[1:], depth)
        return
    yield from _script(exhibit, piece, path, depth)
    if posixpath.basename(name) in _WRAPPERS or shebang(_head(piece, path)):
        yield from _handed_on(exhibit, piece, arguments[1:], name, depth)


def _by_shell(
    exhibit: Exhibit, piece: Piece, arguments: tuple[str, ...], depth: int
) -> Iterator[Start]:
    """What a shell is told to run: a text behind `-c`, or a script."""
    for place, word in enumerate(arguments):
        if word.startswith("-") and word.endswith("c"):
            for text in arguments[place + 1 : place + 2]:
                yield from _commands(exhibit, piece, text, "the command", depth)
            return
        if not word.startswith("-"):
            path = piece.paths.real(posixpath.join(piece.workdir, word))
            if path:
                yield from _commands(exhibit, piece, _text(piece, path), f"/{path}", depth)
            return


def _script(exhibit: Exhibit, piece: Piece, path: str, depth: int) -> Iterator[Start]:
    """The interpreter of a script, and what it calls if that is a shell."""
    interpreter = shebang(_head(piece, path))
    yield from (Start(name, f"/{path}") for name in interpreter)
    if interpreter and posixpath.basename(interpreter[-1]) in _SHELLS:
        yield from _commands(exhibit, piece, _text(piece, path), f"/{path}", depth)


def _commands(exhibit: Exhibit, piece: Piece, text: str, by: str, depth: int) -> Iterator[Start]:
    for command in exhibit.script(text).commands:
        words = [word.value for word in command.words]
        known = tuple(word for word in words if word)
        if words and words[0] and piece.program(words[0]):
            yield from _starts(exhibit, piece, known, by, depth + 1)
        if words and words[0] in _WRAPPERS:
            yield from _handed_on(exhibit, piece, known[1:], by, depth)


def _handed_on(
    exhibit: Exhibit, piece: Piece, arguments: tuple[str, ...], by: str, depth: int
) -> Iterator[Start]:
    """A wrapper's arguments: the first that is a program is what it starts."""
    for place, word in enumerate(arguments[:6]):
        if not word.startswith("-") and piece.program(word):
            yield from _starts(exhibit, piece, arguments[place:], by, depth + 1)
            return


def _head(piece: Piece, path: str) -> bytes:
    entry = piece.paths.entry(path)
    return (piece.files.read(path) or b"")[:256] if entry and entry.size < _MAX_SCRIPT else b""


def _text(piece: Piece, path: str) -> str:
    entry = piece.paths.entry(path)
    return piece.text(path) if entry and entry.size < _MAX_SCRIPT else ""
