"""Scripts inside of scripts: what a shell gets with `-c`.

`RUN bash -c "apt-get update"` runs apt-get as well as `RUN apt-get update` does.
"""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from bot.dockerfile.shell_programs import POSIX_SHELLS, USER_SWITCHING_PROGRAMS
from bot.dockerfile.shell_script import Command, Script, Word
from bot.dockerfile.source_text import MappedText
from bot.dockerfile.wrapped_programs import read_program_name, skip_wrappers

_MAX_DEPTH = 3
# A word that is quoted from its first to its last character.
_QUOTED_WORD = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
# POSIX: inside of double quotes a backslash escapes only these.
_QUOTED_ESCAPE = re.compile(r"\\(?=[$`\"\\])")

ScriptParser = Callable[[MappedText], Script]


def read_inner_scripts(script: Script, text: MappedText, parse_script: ScriptParser) -> Script:
    """Return a script with those that its shells get with `-c`, some levels deep."""
    return _read_inner_scripts(script, text, parse_script, depth=1)


def read_exec_form_script(script: Script, parse_script: ScriptParser) -> Script:
    """Return the script of an exec form with what a shell gets in it: `["sh", "-c", "…"]`."""
    commands = (_read_exec_form_command(x, parse_script) for x in script.commands)
    return replace(script, commands=tuple(commands))


def _read_inner_scripts(
    script: Script, text: MappedText, parse_script: ScriptParser, depth: int
) -> Script:
    if depth > _MAX_DEPTH or not any(map(_find_script_word, script.commands)):
        return script
    commands = (_read_inner_script(x, text, parse_script, depth) for x in script.commands)
    return replace(script, commands=tuple(commands))


def _read_inner_script(
    command: Command, text: MappedText, parse_script: ScriptParser, depth: int
) -> Command:
    word = _find_script_word(command)
    if word is None or not _QUOTED_WORD.fullmatch(word.text):
        return command
    start = bisect_left(text.starts, word.span.start)
    inside = text[start + 1 : start + len(word.text) - 1]
    if word.text.startswith('"'):
        inside = inside.remove_matches(_QUOTED_ESCAPE)
    if not inside.text.strip():
        return command
    inner = _read_inner_scripts(parse_script(inside), inside, parse_script, depth + 1)
    return replace(command, inner=inner)


def _read_exec_form_command(command: Command, parse_script: ScriptParser) -> Command:
    word = _find_script_word(command)
    if word is None or not word.text.strip():
        return command
    # Each character is all of the JSON list: nothing in it can be edited.
    size = len(word.text)
    starts = (*(word.span.start for _ in range(size)), word.span.end)
    inside = MappedText(word.text, starts, (word.span.end,) * size)
    return replace(command, inner=parse_script(inside))


def _find_script_word(command: Command) -> Word | None:
    """Return the word behind `-c`, if the command runs a shell."""
    words, _ = skip_wrappers(command.words)
    program = read_program_name(words[0]) if words else ""
    if program in USER_SWITCHING_PROGRAMS:
        return _find_word_behind(words, ("-c", "--command"))
    return _find_word_behind_c(words) if program in POSIX_SHELLS else None


def _find_word_behind(words: tuple[Word, ...], options: tuple[str, ...]) -> Word | None:
    pairs = pairwise(words)
    return next((following for word, following in pairs if word.value in options), None)


def _find_word_behind_c(words: tuple[Word, ...]) -> Word | None:
    """Return the word behind the options of a shell that end with `c`: `bash -o pipefail -lc …`."""
    takes_value = False
    for word, following in pairwise(words[1:]):
        is_option = word.text.startswith("-") and not takes_value
        if not is_option and not takes_value:
            return None
        letters = word.text[1:] if is_option and not word.text.startswith("--") else ""
        if "c" in letters:
            return following
        # bash(1): `-o` and `-O` take a value, also at the end of `-euo pipefail`.
        takes_value = letters.endswith(("o", "O"))
    return None
