"""The badge of an image: a file that shields.io turns into a picture for a README.

Its format is the endpoint's: https://shields.io/badges/endpoint-badge.
"""

import json
import re

from bot.model.report import ImageReport, Outcome
from bot.model.sizes import format_size

# What is neither portable in a file name nor plain in a URL.
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_COLOURS = {Outcome.FAIL: "red", Outcome.ERROR: "red", Outcome.WARN: "yellow"}
_MAX_NAME_LENGTH = 100
_USUAL_NAME = "Dockerfile"
# Shields.io asks no more often.
_CACHE_SECONDS = 300


def make_badge_path(report: ImageReport) -> str:
    """Return the path of an image's badge: its name as one file name, with a platform that is set.

    `services/api` is `badges/services--api.json`.
    """
    name = "/".join(part for part in (report.spec.name, report.spec.platform) if part)
    parts = (_UNSAFE.sub("-", part).strip(".-") for part in name.split("/"))
    return f"badges/{'--'.join(part for part in parts if part)[:_MAX_NAME_LENGTH] or 'image'}.json"


def render_badge(report: ImageReport) -> bytes | None:
    """Return the badge with the size by the budget's metric; None for an image without one."""
    head, name = report.comparison.head, report.spec.shown_name
    if head is None:
        return None
    at_least = "≥ " if report.lacks_contents else ""
    badge = {
        "schemaVersion": 1,
        "label": "image size" if name == _USUAL_NAME else name[:_MAX_NAME_LENGTH],
        "message": at_least + format_size(head.size(report.spec.budget.metric)),
        "color": _choose_colour(report),
        "cacheSeconds": _CACHE_SECONDS,
    }
    return (json.dumps(badge, indent=2) + "\n").encode()


def _choose_colour(report: ImageReport) -> str:
    """Return the colour of the verdict; blue where nothing was judged."""
    is_judged = any(check.result is not Outcome.SKIP for check in report.checks)
    return _COLOURS.get(report.verdict, "brightgreen" if is_judged else "blue")
