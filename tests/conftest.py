"""Fixtures for every room of the tests."""

from tests.github.fixtures import github

__all__ = ["github"]
