"""Build arguments as `docker build --build-arg` takes them."""

from collections.abc import Mapping, Sequence


def resolve_build_args(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values of `NAME[=VALUE]` arguments by name.

    A bare name takes its value from the environment, and is left out where that has none.
    """
    build_args = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals:
            build_args[name] = value
        elif name in environment:
            build_args[name] = environment[name]
    return build_args
