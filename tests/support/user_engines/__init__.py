"""Engines of a user who is not root: a rootless Docker and a rootless Podman."""

from tests.support.user_engines.user_engine import RUNNER, UserEngine

__all__ = ["RUNNER", "UserEngine"]
