"""The JSON report: its names and shape are the contract's, and they are written here alone.

What a comparison brings to light besides is written, and read, in findings.py.
"""

import json
from typing import Any

from bot import __version__
from bot.model.comparison import Attribution, Delta, Owner
from bot.model.image import Image, Layer
from bot.model.report import Approval, Check, ImageReport, Outcome, Report, Revision
from bot.model.spec import Budget
from bot.model.suggestion import Suggestion, Verification
from bot.report.document.changes import (
    write_duplicates,
    write_file_changes,
    write_layer_effect,
    write_layer_match,
    write_waste_group,
)

SCHEMA_VERSION = 1
Document = dict[str, Any]


def to_document(report: Report) -> Document:
    """The report as the contract's JSON, with all that is needed to render it again."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "image-size-review", "version": __version__},
        "mode": report.mode.value,
        "base": _write_revision(report.base),
        "head": _write_revision(report.head),
        "verdict": report.verdict.value,
        "images": [_write_image_report(image) for image in report.images],
        "command": report.reproduce_command,
        "notes": list(report.notes),
        "approval": _write_approval(report.approval),
    }


def render_json(report: Report) -> str:
    """The document as text; all ASCII, since a file name may hold what UTF-8 cannot."""
    return json.dumps(to_document(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def _write_revision(revision: Revision | None) -> Document | None:
    return {"ref": revision.ref, "sha": revision.sha} if revision else None


def _write_image_report(report: ImageReport) -> Document:
    spec, comparison = report.spec, report.comparison
    return {
        "name": spec.name,
        "dockerfile": spec.dockerfile,
        "context": spec.context,
        "target": spec.target,
        "platform": spec.platform,
        "state": report.state.value,
        "reason": report.reason,
        "base": _write_image(comparison.base),
        "head": _write_image(comparison.head),
        "delta": _write_delta(comparison.delta),
        "verdict": Outcome.worst((report.verdict,)).value,
        "checks": [_write_check(check) for check in report.checks],
        "attribution": [_write_attribution(row) for row in comparison.attribution],
        "layers": [write_layer_match(match) for match in comparison.layer_matches],
        "files": write_file_changes(comparison.file_changes),
        "suggestions": [_write_suggestion(suggestion) for suggestion in report.suggestions],
        "log": list(report.log),
        "notes": list(report.notes),
        "budget": _write_budget(spec.budget),
    }


def _write_image(image: Image | None) -> Document | None:
    if image is None:
        return None
    return {
        "reference": image.reference,
        "image_id": image.image_id,
        "platform": image.platform,
        "unpacked_bytes": image.unpacked_bytes,
        "compressed_bytes": image.compressed_bytes,
        "compressed_exact": image.compressed_exact,
        "compressed_error": image.compressed_error,
        "filesystem_bytes": image.filesystem_bytes,
        "wasted_bytes": image.wasted_bytes,
        "own_wasted_bytes": image.own_wasted_bytes,
        "base_image_bytes": image.base_image_bytes,
        "own_bytes": image.own_bytes,
        "efficiency": image.efficiency,
        "files": image.files,
        "way": image.read_method,
        "identity": image.hash_algorithm.value,
        "layers": [_write_layer(layer) for layer in image.layers],
        "wasted": [write_waste_group(group) for group in image.waste_groups],
        "duplicates": write_duplicates(image.duplicates),
    }


def _write_layer(layer: Layer) -> Document:
    lines = layer.instruction
    return {
        "index": layer.index,
        "diff_id": layer.diff_id,
        "content_id": layer.content_id,
        "unpacked_bytes": layer.unpacked_bytes,
        "compressed_bytes": layer.compressed_bytes,
        "wasted_bytes": layer.wasted_bytes,
        "files": layer.files,
        "created_by": layer.created_by,
        "instruction": lines.text if lines else None,
        "line_start": lines.line_start if lines else None,
        "line_end": lines.line_end if lines else None,
        "from_base_image": layer.from_base_image,
    }


def _write_delta(delta: Delta | None) -> Document | None:
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


def _write_check(check: Check) -> Document:
    return {
        "name": check.name,
        "metric": f"{check.metric.value}_bytes",
        "observed": check.observed,
        "limit": check.limit,
        "result": check.result.value,
        "reason": check.reason,
        "approved": check.approved,
    }


def _write_attribution(row: Attribution) -> Document:
    return {
        "cause": row.cause.value,
        "line_start": row.line_start,
        "line_end": row.line_end,
        "side": row.side.value,
        "text": row.text,
        "delta_bytes": row.delta_bytes,
        "owners": [_write_owner(owner) for owner in row.owners],
        "notes": [write_layer_effect(note) for note in row.effects],
    }


def _write_owner(owner: Owner) -> Document:
    return {
        "kind": owner.kind,
        "name": owner.name,
        "base_version": owner.base_version,
        "head_version": owner.head_version,
        "delta_bytes": owner.delta_bytes,
    }


def _write_suggestion(suggestion: Suggestion) -> Document:
    return {
        "rule": suggestion.rule,
        "title": suggestion.title,
        "line_start": suggestion.line_start,
        "line_end": suggestion.line_end,
        "message": suggestion.message,
        "confidence": suggestion.confidence.value,
        "saving_bytes": suggestion.saving_bytes,
        "edits": [
            {
                "line_start": edit.line_start,
                "line_end": edit.line_end,
                "replacement": edit.replacement,
            }
            for edit in suggestion.edits
        ],
        "dockerfile": suggestion.dockerfile,
        "verification": _write_verification(suggestion.verification),
    }


def _write_verification(verification: Verification | None) -> Document | None:
    if verification is None:
        return None
    return {
        "built": verification.built,
        "started": verification.started.value,
        "unpacked_bytes": verification.unpacked_bytes,
        "log": verification.log,
    }


def _write_budget(budget: Budget) -> Document:
    growth = budget.max_growth
    return {
        "max_size": budget.max_size,
        "max_growth": {"bytes": growth.bytes, "percent": growth.percent} if growth else None,
        "ignore_below": budget.ignore_below,
        "metric": budget.metric.value,
    }


def _write_approval(approval: Approval | None) -> Document | None:
    if approval is None:
        return None
    return {
        "label": approval.label,
        "login": approval.login,
        "at": approval.set_at,
        "counts": approval.is_valid,
    }
