"""The growth from base to head as JSON: the differences in bytes, and the causes of them."""

from bot.model.comparison import Attribution, BaseOrHead, Delta, GrowthCause, Owner
from bot.model.report import ImageReport, ImageState
from bot.report.document.changes import read_layer_effect, write_layer_effect
from bot.report.document.json_types import Document, JsonObject, read_integer


def write_delta(delta: Delta | None) -> Document | None:
    """Write the differences between two sides; null if one of them is missing."""
    if delta is None:
        return None
    return {
        "unpacked_bytes": delta.unpacked_bytes,
        "compressed_bytes": delta.compressed_bytes,
        "filesystem_bytes": delta.filesystem_bytes,
        "wasted_bytes": delta.wasted_bytes,
        "pull_delta_bytes": delta.pull_delta_bytes,
        "pull_delta_error": delta.pull_delta_error,
        "layers": delta.layers,
    }


def find_pull_bytes(report: ImageReport) -> int | None:
    """Return the download for a machine that has base, or nothing where there is no base.

    None without a head, and for a base that could not be measured, of which a machine may have all.
    """
    head, delta = report.comparison.head, report.comparison.delta
    if delta is not None:
        return delta.pull_delta_bytes
    is_unknown = report.state in (ImageState.BASE_BUILD_FAILED, ImageState.MEASURE_FAILED)
    return None if head is None or is_unknown else head.pull_bytes


def read_delta(data: JsonObject | None) -> Delta | None:
    """Read the differences between two sides."""
    if data is None:
        return None
    return Delta(
        unpacked_bytes=int(data["unpacked_bytes"]),
        compressed_bytes=int(data["compressed_bytes"]),
        filesystem_bytes=int(data["filesystem_bytes"]),
        wasted_bytes=int(data["wasted_bytes"]),
        pull_delta_bytes=int(data["pull_delta_bytes"]),
        layers=int(data["layers"]),
        pull_delta_error=data.get("pull_delta_error", 0.0),  # a report of an older version
    )


def write_attribution(row: Attribution) -> Document:
    """Write one cause of growth."""
    return {
        "cause": row.cause.value,
        "line_start": row.line_start,
        "line_end": row.line_end,
        "side": row.side.value,
        "text": row.text,
        "delta_bytes": row.delta_bytes,
        "owners": [_write_owner(owner) for owner in row.owners],
        "notes": [write_layer_effect(effect) for effect in row.effects],
    }


def read_attribution(data: JsonObject) -> Attribution:
    """Read one cause of growth."""
    return Attribution(
        cause=GrowthCause(data["cause"]),
        text=data["text"],
        delta_bytes=int(data["delta_bytes"]),
        owners=tuple(_read_owner(owner) for owner in data["owners"]),
        line_start=read_integer(data["line_start"]),
        line_end=read_integer(data["line_end"]),
        side=BaseOrHead(data.get("side", BaseOrHead.HEAD)),
        effects=tuple(read_layer_effect(effect) for effect in data.get("notes", ())),
    )


def _write_owner(owner: Owner) -> Document:
    return {
        "kind": owner.kind,
        "name": owner.name,
        "base_version": owner.base_version,
        "head_version": owner.head_version,
        "delta_bytes": owner.delta_bytes,
    }


def _read_owner(data: JsonObject) -> Owner:
    return Owner(
        kind=data["kind"],
        name=data["name"],
        delta_bytes=int(data["delta_bytes"]),
        base_version=data["base_version"],
        head_version=data["head_version"],
    )
