"""`action`: the entry inside a GitHub Actions container."""

from argparse import Namespace
from collections.abc import Mapping

from bot.action.run import run_action


def run(arguments: Namespace, environment: Mapping[str, str]) -> int:
    """Does what the event calls for."""
    return run_action(environment)
