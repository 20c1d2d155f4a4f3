"""docs/runners.md: each row names tests that exist, or says why there is none."""

import pytest

from tests.support.tested_rows import list_missing_tests, read_rows

ROWS = [row for row in read_rows("runners.md", "runner") if not row.startswith("| the job |")]
NO_TEST = "| none: "


@pytest.mark.parametrize("row", [row for row in ROWS if NO_TEST not in row])
def test_a_row_names_its_tests(row: str) -> None:
    assert list_missing_tests(row) == []


@pytest.mark.parametrize("row", [row for row in ROWS if NO_TEST in row])
def test_a_row_without_a_test_has_the_reason(row: str) -> None:
    assert "`" not in row.split(NO_TEST)[1].replace("`smoke.yml`", "")
    assert len(row.split(NO_TEST)[1].split()) > 2


def test_most_rows_are_tested() -> None:
    assert len([row for row in ROWS if NO_TEST not in row]) > len(ROWS) * 2 // 3
