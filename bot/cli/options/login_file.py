"""The file of `--registry-auth`: the list of processes shows what is on a command line."""

import sys
from pathlib import Path

from bot.model.registry_login import RegistryLogin
from bot.project.registry_logins import parse_registry_auth

_STANDARD_INPUT = "-"
_MAX_BYTES = 1 << 20


def read_login_file(name: str) -> tuple[RegistryLogin, ...]:
    """Read logins from a file, or from standard input; ValueError if there are none.

    No message shows the name, which may be the logins themselves.
    """
    try:
        if name == _STANDARD_INPUT:
            data = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not a path"
        raise ValueError(
            f"the file of logins cannot be read: {reason}; write the logins into a file, since "
            "others can see the command line"
        ) from None
    # The part that was read could be a valid list, without the login that a build needs.
    if len(data) > _MAX_BYTES:
        raise ValueError(f"the file of logins has more than {_MAX_BYTES:,} bytes")
    return parse_registry_auth(data.decode(errors="replace"))
