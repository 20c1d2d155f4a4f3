"""The image that another one was compared with, as JSON: its source, its commit, its name."""

from bot.model.report import Baseline, BaselineSource
from bot.report.document.json_types import Document, JsonObject


def write_baseline(baseline: Baseline | None) -> Document:
    """Write the fields of an image about what it was compared with."""
    return {
        "baseline": baseline.source.value if baseline else None,
        "baseline_revision": (baseline.revision or None) if baseline else None,
        "baseline_reference": (baseline.reference or None) if baseline else None,
    }


def read_baseline(data: JsonObject) -> Baseline | None:
    """Read the fields of an image about what it was compared with."""
    if not data.get("baseline"):
        return None
    return Baseline(
        BaselineSource(data["baseline"]),
        data.get("baseline_revision") or "",
        data.get("baseline_reference") or "",
    )
