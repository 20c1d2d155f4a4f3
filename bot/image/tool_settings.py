"""Files in which programs of a project look for their settings when they start."""

import re
from collections.abc import Iterable, Iterator

from bot.pattern_lists import read_pattern_list

_PATTERNS = {
    program: re.compile(section.expression)
    for program, section in read_pattern_list("bot.image", "tool_settings.txt").items()
}


def find_tool_settings(paths: Iterable[str], programs: Iterable[str]) -> Iterator[str]:
    """Yield those of the paths at which one of the programs looks for settings.

    The packages of `node_modules` have such files for their own development.
    """
    patterns = [_PATTERNS[name] for name in sorted(_PATTERNS.keys() & set(programs))]
    for path in paths if patterns else ():
        if "node_modules/" not in path and any(pattern.search(path) for pattern in patterns):
            yield path
