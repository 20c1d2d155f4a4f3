"""Warnings about what a comparison does not know, as checks of an image."""

from dataclasses import replace

from bot.model.metric import Metric
from bot.model.report import Check, ImageReport, Outcome


def add_warning(report: ImageReport, name: str, reason: str) -> ImageReport:
    """Return the report with a check that warns, and no number."""
    check = Check(name, Metric.UNPACKED, None, None, Outcome.WARN, reason)
    verdict = Outcome.worst((report.verdict, check.result))
    return replace(report, checks=(*report.checks, check), verdict=verdict)
