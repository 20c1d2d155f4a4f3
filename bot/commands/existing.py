"""`measure` and `diff`: images that exist already; nothing is built."""

from argparse import Namespace
from collections.abc import Mapping

from rich.console import Console

from bot.commands.output import deliver
from bot.edge.images import ImageStore
from bot.edge.layer_cache import known_layers
from bot.edge.screen import TerminalScreen
from bot.existing import diff_references, measure_reference
from bot.measurer import Measurer


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Measures one image, or compares two."""
    shelf = known_layers(environment, gauged=asked.compressed)
    measurer = Measurer(ImageStore(environment), TerminalScreen(Console(stderr=True)), shelf)
    if asked.command == "measure":
        return deliver(measure_reference(measurer, asked.image, asked.platform), asked)
    return deliver(diff_references(measurer, asked.old, asked.new, asked.platform), asked)
