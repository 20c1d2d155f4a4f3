"""The JSON Schema of the configuration file."""

from importlib import resources


def read_config_schema() -> str:
    """Return the schema as text."""
    return resources.files("bot.project").joinpath("config.schema.json").read_text("utf-8")
