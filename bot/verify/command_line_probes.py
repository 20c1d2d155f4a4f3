"""Questions that a program answers without doing anything: its help and its version."""

import posixpath
import re
from collections.abc import Iterator

from bot.model.container_config import Settings

_INTERPRETERS = re.compile(r"(?:python|node|nodejs|ruby|perl|php|bash|sh|deno|bun)[\d.]*$")
_USE = re.compile(
    r"(?i)\busage\b|\boptions:|\bcommands:|--help|missing (?:argument|command|operand)"
)
_QUESTIONS = ("--help", "--version", "help")


def questions(settings: Settings) -> Iterator[tuple[str, ...]]:
    """The command lines that ask; none for a command in a shell's words."""
    words = settings.entrypoint or settings.command
    program = _program(words)
    if program:
        yield from ((*program, question) for question in _QUESTIONS)


def asks_for_use(output: str) -> bool:
    """Whether a program that ended badly did so only to say how it wants to be called."""
    return bool(_USE.search(output))


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    """The program of a command line, with the script that an interpreter is given."""
    if not words:
        return ()
    name = posixpath.basename(words[0])
    if name == "java" and "-jar" in words:
        return words[: words.index("-jar") + 2]
    if not _INTERPRETERS.match(name):
        return words[:1]
    if len(words) > 2 and words[1] == "-m":
        return words[:3]
    return words[:2] if len(words) > 1 and not words[1].startswith("-") else ()
