"""Fixtures for every room of the tests."""

from hypothesis import settings

from tests.engine.fixtures import containerd_engine, overlay2_engine
from tests.github.fixtures import github

settings.register_profile("prove", max_examples=20_000, deadline=None)

__all__ = ["containerd_engine", "github", "overlay2_engine"]
