"""`measure` and `diff`: images that exist already; nothing is built."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from bot.commands.output import deliver
from bot.edge.images import ImageStore
from bot.edge.layer_cache import known_layers
from bot.edge.plain_screen import PlainScreen
from bot.existing import diff_references, measure_reference
from bot.measurer import Measurer

if TYPE_CHECKING:
    from bot.ports import Screen


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Measures one image, or compares two."""
    shelf = known_layers(environment, gauged=asked.compressed)
    measurer = Measurer(ImageStore(environment), _screen(), shelf)
    if asked.command == "measure":
        return deliver(measure_reference(measurer, asked.image, asked.platform), asked)
    return deliver(diff_references(measurer, asked.old, asked.new, asked.platform), asked)


def _screen() -> Screen:
    """Where progress goes. What draws on a terminal is not waited for where there is none."""
    if not sys.stderr.isatty():
        return PlainScreen(sys.stderr)
    screen: Screen = import_module("bot.edge.screen").terminal_screen()
    return screen
