"""Build arguments as `docker build --build-arg` takes them."""

from collections.abc import Mapping, Sequence

from bot.errors import InputError
from bot.project.option_values import validate_text


def resolve_build_args(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values of `NAME[=VALUE]` arguments by name.

    A bare name takes its value from the environment, and is left out where that has none. Raises
    InputError for a value that is not UTF-8.
    """
    build_args = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        # `NAME=` is an empty value, as in docker build; of several with one name the last counts.
        if equals:
            build_args[name] = value
        elif name in environment:
            build_args[name] = _read_variable(name, environment)
    return build_args


def _read_variable(name: str, environment: Mapping[str, str]) -> str:
    try:
        return validate_text(environment[name])
    except ValueError as problem:
        raise InputError(
            f"The variable {name} of the environment cannot be a build argument.",
            str(problem),
            f"set {name} to UTF-8 text, or leave --build-arg {name} out",
        ) from problem
