"""The JSON Schema of the report."""

from importlib import resources


def read_schema() -> str:
    """Return the schema as text."""
    return resources.files("bot.report.document").joinpath("report.schema.json").read_text("utf-8")
