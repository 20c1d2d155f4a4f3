"""This folder's own tests use the fixture that it offers to others."""

from tests.github.fixtures import github

__all__ = ["github"]
