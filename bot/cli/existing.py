"""`measure` and `diff`: images that exist already; nothing is built."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from bot.adapters.cache.layers import open_layer_cache
from bot.adapters.cache.reports import open_report_cache
from bot.adapters.image_sources import ImageSources
from bot.adapters.plain_progress import PlainProgress
from bot.cli.output import write_report
from bot.line.existing import diff_references, measure_reference
from bot.line.measurer import Measurer

if TYPE_CHECKING:
    from bot.line.ports import Progress
    from bot.model.report import Report


def run(arguments: Namespace, environment: Mapping[str, str]) -> int:
    """Measures one image, or compares two; what was said of the same ones before is said again."""
    images, kept = ImageSources(environment), open_report_cache(environment)
    names = (arguments.image,) if arguments.command == "measure" else (arguments.old, arguments.new)
    found = [images.find_image_id(name) for name in names] if kept else []
    key = arguments.command, names, found, arguments.platform, arguments.compressed
    report = kept.load(key) if kept and all(found) else None
    if report is None:
        shelf = open_layer_cache(environment, measure_compression=arguments.compressed)
        report = _make_report(
            Measurer(images, _choose_progress(), shelf), names, arguments.platform
        )
        # Unless a name has moved meanwhile.
        if kept and all(found) and found == [images.find_image_id(name) for name in names]:
            kept.save(key, report)
    return write_report(report, arguments)


def _make_report(measurer: Measurer, names: tuple[str, ...], platform: str | None) -> Report:
    if len(names) == 1:
        return measure_reference(measurer, names[0], platform)
    return diff_references(measurer, names[0], names[1], platform)


def _choose_progress() -> Progress:
    """Where progress goes. What draws on a terminal is not waited for where there is none."""
    if not sys.stderr.isatty():
        return PlainProgress(sys.stderr)
    screen: Progress = import_module("bot.adapters.progress").make_terminal_progress()
    return screen
