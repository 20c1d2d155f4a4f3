"""Fixtures for every room of the tests."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.engine.fixtures import containerd_engine, overlay2_engine
from tests.support.github.fixtures import github

TESTS = Path(__file__).parent
ENGINES = {"containerd_engine", "overlay2_engine"}

# How fast a machine makes examples says nothing about the code.
slow = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("tests", slow)
settings.register_profile("prove", slow, max_examples=20_000)
# For a second Python: what an interpreter changes, few examples show.
settings.register_profile("few", slow, max_examples=20)
settings.load_profile("tests")

# Layers that earlier runs have kept would hide what reading them does.
os.environ["IMAGE_SIZE_REVIEW_CACHE"] = ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests below a folder `engine`: `make test` runs them in a process of their own."""
    for item in items:
        if "browser" in item.path.relative_to(TESTS).parts:
            item.add_marker(pytest.mark.browser)
        in_engine_folder = "engine" in item.path.relative_to(TESTS).parts
        if in_engine_folder:
            item.add_marker(pytest.mark.engine)
        elif ENGINES & set(getattr(item, "fixturenames", ())):
            message = f"{item.nodeid} starts an engine: move it below a folder named engine"
            raise pytest.UsageError(message)


__all__ = ["containerd_engine", "github", "overlay2_engine"]
