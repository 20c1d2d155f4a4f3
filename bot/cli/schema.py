"""`schema`: the JSON Schemas of the report, of the configuration file and of a record."""

import sys
from collections.abc import Callable, Mapping

from bot.project.config_schema import read_config_schema
from bot.records.record_schema import read_record_schema
from bot.report.document.schema import read_schema

_READERS: Mapping[str, Callable[[], str]] = {
    "report": read_schema,
    "config": read_config_schema,
    "record": read_record_schema,
}


def run_schema(document: str) -> int:
    """Print the schema of a document."""
    sys.stdout.write(_READERS[document]())
    return 0
