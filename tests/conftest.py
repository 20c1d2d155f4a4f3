"""Fixtures for every room of the tests."""

from tests.engine.fixtures import containerd_engine, overlay2_engine
from tests.github.fixtures import github

__all__ = ["containerd_engine", "github", "overlay2_engine"]
