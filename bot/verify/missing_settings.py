"""Settings that a program says are missing, by what it prints."""

import re
from collections.abc import Collection

from bot.pattern_lists import read_pattern_list

_LIST = "missing_settings.txt"
# The messages, each with the name of the setting as its group.
_MESSAGES = tuple(
    re.compile(line) for line in read_pattern_list("bot.verify", _LIST)["messages"].names
)
_FILE_MESSAGE = re.compile(
    r"(?i)(?:\bopen|\bload|\bread|no such file|not found|missing|cannot find)[^\n]*\.env\b"
    r"|\.env\b[^\n]*(?:not found|no such file|missing)"
)
_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_MAX_NAMES = 3


def find_missing_setting(
    output: str, read_names: Collection[str] = (), given_names: Collection[str] = ()
) -> str:
    """Return the setting that an output says is missing: `the variable X`, `a file .env`.

    `read_names` are variables that the sources read: those that the output spells are meant.
    Those that were given are not missing. Empty if nothing of the kind is said.
    """
    for pattern in _MESSAGES:
        match = pattern.search(output)
        if match and match[1] not in given_names:
            return f"the variable {match[1]}"
    words = set(_NAME.findall(output)) - set(given_names)
    if named := sorted(words.intersection(read_names))[:_MAX_NAMES]:
        return f"the variable{'s' if len(named) > 1 else ''} {', '.join(named)}"
    return "a file .env" if _FILE_MESSAGE.search(output) else ""
