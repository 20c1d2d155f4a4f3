"""`measure` and `diff`: images that exist already; nothing is built."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from bot.adapters.cache.layers import known_layers
from bot.adapters.cache.reports import known_reports
from bot.adapters.image_sources import ImageStore
from bot.adapters.plain_progress import PlainScreen
from bot.cli.output import deliver
from bot.line.existing import diff_references, measure_reference
from bot.line.measurer import Measurer

if TYPE_CHECKING:
    from bot.line.ports import Screen
    from bot.model.report import Report


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Measures one image, or compares two; what was said of the same ones before is said again."""
    images, kept = ImageStore(environment), known_reports(environment)
    names = (asked.image,) if asked.command == "measure" else (asked.old, asked.new)
    found = [images.identify(name) for name in names] if kept else []
    key = asked.command, names, found, asked.platform, asked.compressed
    report = kept.load(key) if kept and all(found) else None
    if report is None:
        shelf = known_layers(environment, gauged=asked.compressed)
        report = _measured(Measurer(images, _screen(), shelf), names, asked.platform)
        # Unless a name has moved meanwhile.
        if kept and all(found) and found == [images.identify(name) for name in names]:
            kept.save(key, report)
    return deliver(report, asked)


def _measured(measurer: Measurer, names: tuple[str, ...], platform: str | None) -> Report:
    if len(names) == 1:
        return measure_reference(measurer, names[0], platform)
    return diff_references(measurer, names[0], names[1], platform)


def _screen() -> Screen:
    """Where progress goes. What draws on a terminal is not waited for where there is none."""
    if not sys.stderr.isatty():
        return PlainScreen(sys.stderr)
    screen: Screen = import_module("bot.adapters.progress").terminal_screen()
    return screen
