"""GitHub's own description of its REST API, and the checks against it."""

from tests.support.github.description.checker import Description, Found, Operation, load

__all__ = ["Description", "Found", "Operation", "load"]
