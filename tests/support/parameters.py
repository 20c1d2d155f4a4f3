"""Parameters of tests that start a process each: some in `make test`, all in `make prove`."""

from collections.abc import Iterable
from typing import Any

import pytest


def mark_rest_long(values: Iterable[Any], count: int = 2) -> list[Any]:
    """Return parameters of which all but the first `count` are marked as long."""
    first, rest = [*values][:count], [*values][count:]
    return [*first, *(pytest.param(value, marks=pytest.mark.long) for value in rest)]
