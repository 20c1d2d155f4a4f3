"""The JSON Schema of a record."""

from importlib import resources


def read_record_schema() -> str:
    """Return the schema as text."""
    return resources.files("bot.records").joinpath("record.schema.json").read_text("utf-8")
