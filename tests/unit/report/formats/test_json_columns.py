"""Documents as columns: what is written is read again, whatever is in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.formats.json_columns import from_columns, to_columns

WORDS = st.sampled_from(["a", "items", "lists", "rows", ""])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(WORDS, part, max_size=4),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_a_document_is_read_as_it_was_written(document: Any) -> None:
    assert from_columns(json.loads(json.dumps(to_columns(document)))) == document


def test_objects_with_the_same_keys_have_them_once() -> None:
    rows = [{"layers": [{"size": 5}, {"size": 6}]}, {"layers": [{"size": 7}]}]
    written = json.dumps(to_columns(rows))
    assert (written.count("layers"), written.count("size")) == (1, 1)


@pytest.mark.parametrize(
    "value",
    [
        [],
        ["other", 1, 2],
        ["rows", ["a"], []],
        ["rows", ["a", "b"], [["items", 1]]],
        ["rows", ["a", "b"], [["items", 1], ["items"]]],
        ["rows", ["a"], 5],
        ["lists", [2], ["items", 1]],
        ["lists", [2, -1], ["items", 1]],
        ["lists", ["x"], ["items", 1]],
        ["lists", [1], 5],
        ["lists"],
        [["items"], 1, 2],
    ],
)
def test_columns_that_do_not_fit_are_refused(value: Any) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        from_columns(value)
