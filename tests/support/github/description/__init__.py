"""GitHub's own description of its REST API, and the checks against it."""

from tests.support.github.description.checker import Description, Operation, OperationMatch, load

__all__ = ["Description", "Operation", "OperationMatch", "load"]
