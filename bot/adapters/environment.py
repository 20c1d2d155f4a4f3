"""The one module that reads the environment."""

import os
import shutil
from collections.abc import Mapping

# What a Dockerfile's build must never come near, even through the client that sends it.
_SECRET_WORDS = ("TOKEN", "SECRET", "PASSWORD", "ACTIONS_", "INPUT_", "STATE_")


def read_environment() -> Mapping[str, str]:
    """The environment of this process, as it is now."""
    return dict(os.environ)


def make_child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the programs we start may see: no tokens, no inputs, and messages we can read."""
    kept = {
        k: v for k, v in environment.items() if not any(word in k.upper() for word in _SECRET_WORDS)
    }
    return {**kept, "LC_ALL": "C.UTF-8"}


def find_program(name: str, environment: Mapping[str, str]) -> str | None:
    """The path of a program, as a shell with this environment would find it."""
    return shutil.which(name, path=environment.get("PATH"))
