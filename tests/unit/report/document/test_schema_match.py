"""What the quick look takes for a match, jsonschema does too; and real reports need nothing more."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.report.document.report_document import to_document
from bot.report.document.schema import read_schema
from bot.report.document.schema_match import matches
from tests.support.report_cases import audit, explained, over_budget

SCHEMA = json.loads(read_schema())
ORACLE = Draft202012Validator(SCHEMA)
DOCUMENTS = [
    json.loads(json.dumps(to_document(make()))) for make in (audit, explained, over_budget)
]
ODD_VALUES = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1.0,
        0.5,
        1e300,
        1 << 70,
        "",
        "x",
        "y" * 99_999,
        [],
        [1],
        {},
        {"a": 1},
    ]
)


def list_places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything in a document, but for itself."""
    children = enumerate(value) if isinstance(value, list) else ()
    items = value.items() if isinstance(value, dict) else children
    return [x for key, item in items for x in ((*path, key), *list_places(item, (*path, key)))]


PLACES = [list_places(document) for document in DOCUMENTS]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_real_reports_match(document: Any) -> None:
    assert matches(document, SCHEMA)


@given(st.data())
def test_a_changed_report_matches_as_jsonschema_says(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = copy.deepcopy(DOCUMENTS[number])
    *steps, last = data.draw(st.sampled_from(PLACES[number]))
    parent: Any = document
    for step in steps:
        parent = parent[step]
    match data.draw(st.sampled_from(["set", "drop", "add"])):
        case "set":
            parent[last] = data.draw(ODD_VALUES)
        case "drop":
            del parent[last]
        case _ if isinstance(parent, dict):
            parent["unknown"] = data.draw(ODD_VALUES)
        case _:
            parent.append(data.draw(ODD_VALUES))
    # 1.0 is an integer to jsonschema and not to the quick look: it may only be stricter.
    assert not matches(document, SCHEMA) or ORACLE.is_valid(document)


@pytest.mark.parametrize(
    ("document", "schema"),
    [
        ("a", {"pattern": "a"}),  # an unknown keyword
        (True, {"type": "integer"}),
        (True, {"enum": [1]}),
        (1, {"const": True}),
        ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": False}),
        ({"b": 1}, {"additionalProperties": {"type": "string"}}),
        (1, {"$ref": "#/$defs/none"}),
        (1, {"$ref": "#/elsewhere"}),
        ([1], {"items": {"$ref": "#/$defs/text"}, "$defs": {"text": {"type": "string"}}}),
        (1, {"anyOf": [{"type": "string"}, {"minimum": 2}]}),
        (1, {"allOf": [{"type": "integer"}, {"minimum": 2}]}),
    ],
)
def test_no_match(document: Any, schema: Any) -> None:
    assert not matches(document, schema)
