"""The check of a document against the schema."""

import json
from itertools import islice
from typing import Any

from bot.report.document.schema import read_schema
from bot.report.document.schema_match import Schema, matches


def validate_document(document: Any) -> None:
    """Raise ValueError with the place of the first error, if the document breaks the schema."""
    schema = json.loads(read_schema())
    if not matches(document, schema):
        _validate_slowly(document, schema)


def _validate_slowly(document: Any, schema: Schema) -> None:
    # Here, since they take a tenth of a second to import, and nearly all documents match.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    # Only the first: a document of megabytes may break the schema in each of its rows.
    errors = Draft202012Validator(schema).iter_errors(document)
    error = best_match(islice(errors, 1))  # the deepest cause of the first error
    if error is not None:
        # jsonschema quotes the whole value, which may be a report of megabytes.
        reason = error.message if len(error.message) <= 200 else f"it breaks {error.validator!r}"
        location = error.json_path[:200]
        raise ValueError(f"the report does not match its schema at {location}: {reason}")
