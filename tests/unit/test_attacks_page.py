"""docs/attacks.md: each row names tests that exist."""

import pytest

from tests.support.tested_rows import list_missing_tests, read_rows

ATTACKS = read_rows("attacks.md", "attack")


@pytest.mark.parametrize("row", ATTACKS)
def test_a_row_names_its_tests(row: str) -> None:
    assert list_missing_tests(row) == []


def test_the_page_has_rows() -> None:
    assert len(ATTACKS) > 30
