"""Fixtures of this room; the engines themselves are the root conftest's, shared by all rooms."""

from tests.support.engine.fixtures import each_engine

__all__ = ["each_engine"]
