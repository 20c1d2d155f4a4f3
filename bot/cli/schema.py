"""`schema`: the JSON Schema of the report."""

import sys
from argparse import Namespace
from collections.abc import Mapping

from bot.report.document.schema import schema_text


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Prints it."""
    sys.stdout.write(schema_text())
    return 0
