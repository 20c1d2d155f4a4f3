"""Variables that a compose file requires, as in `${PASSWORD:?set it}`, and that no review has.

Bake refuses a file with one, wherever it is. Most are about how a service runs, not how its image
is built, and are left out; what a build needs stays, so that nothing is built of a wrong value.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

_REQUIRED = re.compile(r"\$\{\w+:?\?")


def requires_variable(value: Any) -> bool:
    """Return True for a text with a variable that must be set."""
    return isinstance(value, str) and _REQUIRED.search(value) is not None


def drop_required(environment: Any, arguments: Collection[str]) -> Any:
    """Return the environment of a service without what requires variables.

    It gives a build the values of `arguments`, which have none of their own.
    """
    if isinstance(environment, Mapping):
        return {
            name: value
            for name, value in environment.items()
            if name in arguments or not requires_variable(value)
        }
    if isinstance(environment, list):
        return [
            entry
            for entry in environment
            if str(entry).partition("=")[0] in arguments or not requires_variable(entry)
        ]
    return environment


def list_arguments_without_value(build: Any) -> set[str]:
    """Return the names of the build arguments that the environment of a service sets."""
    arguments = build.get("args") if isinstance(build, Mapping) else None
    if isinstance(arguments, Mapping):
        return {name for name, value in arguments.items() if value is None}
    if isinstance(arguments, list):
        return {str(entry) for entry in arguments if "=" not in str(entry)}
    return set()
