"""The tree of an image's bytes survives JSON, and one that contradicts itself is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.report.document.report_document import from_document, to_document
from tests.support.page_cases import make_review

_DOCUMENT = json.dumps(to_document(make_review()))


def _change(change: Callable[[Any], None]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_DOCUMENT)
    change(document["images"][0]["head"]["size_tree"])
    return document


def test_a_tree_survives() -> None:
    report = make_review()
    again = from_document(json.loads(_DOCUMENT))
    for side in ("base", "head"):
        first, second = (getattr(x.images[0].comparison, side) for x in (report, again))
        assert first.size_tree
        assert second.size_tree == first.size_tree


def _deepen(tree: Any) -> None:
    tree["packages"] = [
        {"kind": "folder", "name": "a", "bytes": 1, **({"parent": depth - 1} if depth else {})}
        for depth in range(5000)
    ]


_ALONE = {"kind": "packages", "name": "deb", "bytes": 5}
_WRONG = {
    "do not add up": lambda tree: tree["layers"][1].update(bytes=1),
    "comes before": lambda tree: tree["layers"][1].update(parent=2),
    "levels deep": _deepen,
    "the layers of its size_tree": lambda tree: tree.update(layers=[]),
    "the packages of its size_tree": lambda tree: tree.update(packages=[_ALONE]),
    "does not match its schema": lambda tree: tree["layers"][0].update(kind="other"),
}


@pytest.mark.parametrize("problem", _WRONG)
def test_a_tree_that_contradicts_itself_is_refused(problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        from_document(_change(_WRONG[problem]))
