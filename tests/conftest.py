"""Fixtures for every room of the tests."""

import os

from hypothesis import settings

from tests.engine.fixtures import containerd_engine, overlay2_engine
from tests.github.fixtures import github

settings.register_profile("prove", max_examples=20_000, deadline=None)

# Layers that earlier runs have kept would hide what reading them does.
os.environ["IMAGE_SIZE_REVIEW_CACHE"] = ""

__all__ = ["containerd_engine", "github", "overlay2_engine"]
