"""The limits of a configuration file for a warning that never warns.

Apart from useless_warnings.py, which the command line needs, too, and which reads no file.
"""

from collections.abc import Iterator
from typing import Any

from bot.model.spec import Budget
from bot.project.image_entries import make_budget
from bot.project.useless_warnings import find_useless_warnings


def find_useless_warnings_in_file(data: Any) -> Iterator[tuple[list[Any], str]]:
    """Yield the path of each such key of a file and what is wrong with it.

    Budgets with other mistakes are left out.
    """
    for path in _list_budget_paths(data):
        try:
            budget = data
            for key in path:
                budget = budget[key]
            limits = make_budget(budget, Budget())
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
        for key, reason in find_useless_warnings(limits):
            yield [*path, key], reason


def _list_budget_paths(data: Any) -> Iterator[list[Any]]:
    yield from (["budget"], ["defaults", "budget"])
    images = data.get("images") if isinstance(data, dict) else None
    if isinstance(images, list):
        yield from (["images", position, "budget"] for position in range(len(images)))
