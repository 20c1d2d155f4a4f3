"""The JSON Schema of the report."""

from pathlib import Path

# By path: importlib.resources takes longer to import than the schema to read.
_FILE = Path(__file__).with_name("report.schema.json")


def read_schema() -> str:
    """Return the schema as text."""
    return _FILE.read_text("utf-8")
