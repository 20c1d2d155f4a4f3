"""Pagination of long lists, with the header `Link` to the other pages."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.support.github.answers import Answer
from tests.support.github.call import Call

T = TypeVar("T")
_USUAL, _MOST = 30, 100


def page(call: Call, items: Sequence[T], show: Callable[[T], Any]) -> Answer:
    """Return the requested page, each item rendered by `show`."""
    shown, headers = cut(call, items)
    return Answer(200, [show(each) for each in shown], headers)


def cut(call: Call, items: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
    """Return the items of the page, and the `Link` header if there are other pages."""
    size = int(call.query.get("per_page", _USUAL))
    size = min(size, _MOST) if size > 0 else _USUAL
    number = max(int(call.query.get("page", 1)), 1)
    last = max(-(-len(items) // size), 1)
    links = ", ".join(
        f'<{_address(call, target)}>; rel="{name}"'
        for name, target in _neighbours(number, last).items()
    )
    start = (number - 1) * size
    return items[start : start + size], ({"Link": links} if links else {})


def _neighbours(number: int, last: int) -> dict[str, int]:
    before = {"prev": min(number - 1, last)} if number > 1 else {}
    after = {"next": number + 1, "last": last} if number < last else {}
    return {**before, **after, **({"first": 1} if before else {})}


def _address(call: Call, number: int) -> str:
    """Return the URL of another page, with all other parameters of the request."""
    query = urlencode({**call.query, "page": str(number)})
    return f"{call.view.api}{call.path}?{query}"
