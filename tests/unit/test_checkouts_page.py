"""docs/checkouts.md: each form of a checkout names tests that exist, and each test of one has a row."""

import re

import pytest

from tests.support.tested_rows import TESTS, list_missing_tests, read_rows

FORMS = read_rows("checkouts.md", "checkout")
TESTED_FORMS = (TESTS / "end_to_end/engine/test_checkout_forms.py").read_text("utf-8")


@pytest.mark.parametrize("row", FORMS)
def test_a_row_names_its_tests(row: str) -> None:
    assert list_missing_tests(row) == []


def test_every_tested_form_has_a_row() -> None:
    (forms,) = re.findall(r"^FORMS = \((.*?)\)$", TESTED_FORMS, re.DOTALL | re.MULTILINE)
    names = re.findall(r"\w+", forms)
    assert len(names) > 5
    assert [name for name in names if f"::{name}`" not in "".join(FORMS)] == []
