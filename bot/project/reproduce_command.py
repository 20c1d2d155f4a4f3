"""The command that makes a report again, as the report shows it."""

import shlex
from collections.abc import Mapping

from bot.project.overrides import Overrides


def build_reproduce_command(
    command: str, revisions: Mapping[str, str | None], overrides: Overrides
) -> str:
    """Return the command that makes the same report, in a clone that has its commits."""
    arguments = ["image-size-review", command]
    for option, sha in revisions.items():
        arguments += [option, sha] if sha else []
    return shlex.join([*arguments, *overrides.to_arguments()])
