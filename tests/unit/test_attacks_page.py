"""docs/attacks.md: each row names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs/attacks.md").read_text("utf-8")
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| ---")
]
ATTACKS = [row for row in ROWS if not row.startswith("| attack |")]


@pytest.mark.parametrize("row", ATTACKS)
def test_a_row_names_its_tests(row: str) -> None:
    _, attack, outcome, named, _ = row.split("|")
    assert attack.strip()
    assert outcome.strip()
    references = re.findall(r"`([\w/]+\.py)::(\w+)`", named)
    assert references
    for path, name in references:
        assert name in list_functions(TESTS / path)


def list_functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_page_has_rows() -> None:
    assert len(ATTACKS) > 30
