"""`schema`: the JSON Schema of the report."""

import sys

from bot.report.document.schema import read_schema


def run_schema() -> int:
    """Print the schema."""
    sys.stdout.write(read_schema())
    return 0
