"""`schema`: the JSON Schema of the report."""

import sys
from argparse import Namespace
from collections.abc import Mapping

from bot.report.document.schema import read_schema


def run(arguments: Namespace, environment: Mapping[str, str]) -> int:
    """Prints it."""
    sys.stdout.write(read_schema())
    return 0
