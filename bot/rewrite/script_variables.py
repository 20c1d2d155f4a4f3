"""Variables of start scripts: the value of `"$release"` where a script sets it once.

Its own module, because bot/rewrite/startup.py follows commands, and this reads assignments.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from bot.dockerfile.shell_script import Script

# `$app`, `${app}`; `${app:-default}` depends on what is set when the container starts.
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))")


def read_script_variables(script: Script, env: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables that a script sets to one known value, and those of the image.

    A variable that a script sets in several ways has none: which branch runs is not known.
    """
    assigned: defaultdict[str, set[str | None]] = defaultdict(set)
    for command in script.commands:
        for assignment in command.assignments:
            assigned[assignment.name].add(assignment.value.value if assignment.value else None)
    variables = {name: value for name, value in env.items() if name not in assigned}
    for name, values in assigned.items():
        value = next(iter(values)) if len(values) == 1 else None
        if value is not None:
            variables[name] = value
    return variables


def fill_variables(text: str, variables: Mapping[str, str]) -> str | None:
    """Return a word with its variables filled in; None if it needs more than known ones.

    >>> fill_variables('"$app/bin/${name}"', {"app": "/srv", "name": "shop"})
    '/srv/bin/shop'
    """
    names = [match["braced"] or match["plain"] for match in _VARIABLE.finditer(text)]
    if not names or not all(name in variables for name in names):
        return None
    filled = _VARIABLE.sub(lambda match: variables[match["braced"] or match["plain"]], text)
    filled = filled.strip('"')
    return None if re.search(r"[$`'\"\s]", filled) else filled
