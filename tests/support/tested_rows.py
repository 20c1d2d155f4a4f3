"""Pages of docs/ with a table whose rows name the tests that hold them."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
_REFERENCE = re.compile(r"`([\w/]+\.py)::(\w+)`")


def read_rows(page: str, header: str) -> list[str]:
    """Return the rows of a page's tables, without their headers."""
    text = (TESTS.parent / "docs" / page).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.startswith(("| ---", f"| {header} |"))]


def list_missing_tests(row: str) -> list[str]:
    """Return the functions that the last cell of a row names, and that its file does not have.

    The row itself is what is missing where no cell is empty, and no test is named.
    """
    *cells, named, _ = row.split("|")[1:]
    references = _REFERENCE.findall(named)
    if not references or not all(cell.strip() for cell in cells):
        return [row]
    return [f"{path}::{name}" for path, name in references if name not in _list(TESTS / path)]


def _list(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
