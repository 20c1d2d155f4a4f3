"""Fixtures for every room of the tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.engine.fixtures import containerd_engine, overlay2_engine
from tests.github.fixtures import github

# How fast a machine makes examples says nothing about the code.
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("tests", slow)
settings.register_profile("prove", slow, max_examples=20_000)
settings.load_profile("tests")

# Layers that earlier runs have kept would hide what reading them does.
os.environ["IMAGE_SIZE_REVIEW_CACHE"] = ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks those that need an engine: `make test` has one process for them, and one for the others."""
    for item in items:
        # By name: some rooms have a fixture `engine` of their own that chooses the store.
        needs_engine = any("engine" in name for name in getattr(item, "fixturenames", ()))
        if needs_engine or item.path.parent.name == "engine":
            item.add_marker(pytest.mark.engine)


__all__ = ["containerd_engine", "github", "overlay2_engine"]
