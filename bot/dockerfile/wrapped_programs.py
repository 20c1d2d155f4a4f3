"""The program that a command runs behind its wrappers: `pip` of `sudo -u app env A=1 pip`.

Its own module, since calls and the scripts of `bash -c` have to skip the same words.
"""

import re

from bot.dockerfile.shell_programs import WRAPPER_OPERANDS, WRAPPER_OPTIONS_WITH_VALUE
from bot.dockerfile.shell_script import Word

# A program of which only the folder is unknown: `$VIRTUAL_ENV/bin/pip`.
_NAME_BEHIND_VARIABLE = re.compile(r"\"?\$[^`()]*/(?P<name>[\w.+-]+)\"?")


def read_program_name(word: Word) -> str:
    """Return the program that a word names, without its folder; empty if it is unknown."""
    if word.value is not None:
        return word.value.rpartition("/")[2]
    match = _NAME_BEHIND_VARIABLE.fullmatch(word.text)
    return match["name"] if match else ""


def skip_wrappers(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Return the words from the wrapped program on, and the names of the wrappers."""
    wrappers: list[str] = []
    while words and (operands := WRAPPER_OPERANDS.get(read_program_name(words[0]))) is not None:
        wrappers.append(read_program_name(words[0]))
        words = _skip_wrapper_arguments(words[1:], wrappers[-1])[operands:]
    return words, tuple(wrappers)


def _skip_wrapper_arguments(words: tuple[Word, ...], wrapper: str) -> tuple[Word, ...]:
    """Skip the options and assignments of a `sudo` or an `env`."""
    with_value = WRAPPER_OPTIONS_WITH_VALUE.get(wrapper, frozenset())
    while words and ((words[0].value or "").startswith("-") or "=" in words[0].text):
        words = words[2 if words[0].value in with_value else 1 :]
    return words
