"""Settings that a program says are missing, by what it prints."""

import re
from collections.abc import Collection

from bot.pattern_lists import read_pattern_list

_LIST = "missing_settings.txt"
# The messages, each with the name of the setting as its group.
_MESSAGES = tuple(
    re.compile(line) for line in read_pattern_list("bot.verify", _LIST)["messages"].names
)
_FILE_MESSAGES = {
    kind: tuple(re.compile(line) for line in read_pattern_list("bot.verify", _LIST)[name].names)
    for kind, name in (("file", "files"), ("module", "modules"))
}
# A name as a word, which is not the command line that sets it.
_NAME = re.compile(r"\b[A-Z][A-Z0-9_]{2,}\b(?!=)")
_COMPLAINT = re.compile(
    r"(?i)\b(?:missing|requires?|required|not (?:set|found|defined|specified|provided)|undefined"
    r"|unset|must|empty|invalid|needs?|needed|provide|specify|set)\b"
)
_MAX_NAMES = 3


def find_missing_setting(
    output: str, read_names: Collection[str] = (), given_names: Collection[str] = ()
) -> str:
    """Return the setting that an output says is missing, as in `the variable X`.

    `read_names` are variables that the sources read: those that a complaint spells are meant.
    Those that were given are not missing. Empty if nothing of the kind is said.
    """
    for pattern in _MESSAGES:
        match = pattern.search(output)
        if match and match[1] not in given_names:
            return f"the variable {match[1]}"
    complaints = "\n".join(filter(_COMPLAINT.search, output.splitlines()))
    words = set(_NAME.findall(complaints)) - set(given_names)
    if named := sorted(words.intersection(read_names))[:_MAX_NAMES]:
        return f"the variable{'s' if len(named) > 1 else ''} {', '.join(named)}"
    return ""


def find_missing_file(output: str) -> str:
    """Return what an output says is not there, as in `the file .env`; empty if nothing is."""
    for kind, patterns in _FILE_MESSAGES.items():
        for pattern in patterns:
            if match := pattern.search(output):
                return f"the {kind} {next(filter(None, match.groups()))}"
    return ""
