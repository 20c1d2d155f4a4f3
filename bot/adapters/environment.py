"""The one module that reads the environment.

Everything else gets it as an argument, so that tests need not change the process's own.
"""

import os
import shutil
from collections.abc import Mapping

# A build must not see these, and the client that sends it does not need them.
_SECRET_WORDS = (
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "ACTIONS_",
    "INPUT_",
    "STATE_",
    "DOCKER_AUTH_CONFIG",
)


def read_environment() -> Mapping[str, str]:
    """Return the environment of this process, as it is now."""
    return dict(os.environ)


def make_child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of child programs: without secrets and inputs, in English."""
    without_secrets = {
        name: value
        for name, value in environment.items()
        if not any(word in name.upper() for word in _SECRET_WORDS)
    }
    # The words of git and buildx are matched in English; UTF-8, so that names of files stay whole.
    return {**without_secrets, "LC_ALL": "C.UTF-8"}


def find_program(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the path of a program, as a shell with this environment would find it."""
    return shutil.which(name, path=environment.get("PATH"))
