"""The report as JSON: its head, and the way in and out.

Each noun of the report is written and read in one module, so that a field is added in one place. A
document is not trusted: it is validated against the schema, and its sums are checked.
"""

import json
from typing import Any

from bot import __version__
from bot.model.report import Approval, Mode, NotReviewed, Report, Revision
from bot.report.document.audit_fields import (
    read_audit_facts,
    write_audit_facts,
    write_shared_layers,
)
from bot.report.document.consistency import check_sums
from bot.report.document.gate_change import read_gate_change, write_gate_change
from bot.report.document.image_report import read_image_report, write_image_report
from bot.report.document.json_types import Document, JsonObject
from bot.report.document.schema_validation import validate_document
from bot.report.document.since_field import read_since, write_since

SCHEMA_VERSION = 1  # rises when a field goes or changes its meaning; new ones may come without


def to_document(report: Report) -> Document:
    """Return the report as JSON, complete enough to render it again."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "image-size-review", "version": __version__},
        "mode": report.mode.value,
        "base": _write_revision(report.base),
        "head": _write_revision(report.head),
        "verdict": report.verdict.value,
        **write_audit_facts(report),
        **write_since(report.since),
        "images": [
            write_image_report(image) | shared
            for image, shared in zip(report.images, write_shared_layers(report), strict=True)
        ],
        "command": report.reproduce_command,
        "notes": list(report.notes),
        "approval": _write_approval(report.approval),
        "gate_changes": [write_gate_change(change) for change in report.gate_changes],
        "approval_label": report.approval_label,
        "limit_options": list(report.limit_options),
        "config_path": report.config_path,
        "not_reviewed": [{"path": x.path, "reason": x.reason} for x in report.not_reviewed],
    }


def render_json(report: Report) -> str:
    """Return the document as text.

    All of it is ASCII: a file name may hold bytes that UTF-8 cannot encode.
    """
    return json.dumps(to_document(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def from_document(document: Any) -> Report:
    """Read a report from its document.

    Raises ValueError if it breaks the schema, or if its sums do not hold.
    """
    # In this order: the readers rely on types and ranges of the schema, the sums on the readers.
    validate_document(document)
    report = Report(
        mode=Mode(document["mode"]),
        images=tuple(read_image_report(image) for image in document["images"]),
        base=_read_revision(document["base"]),
        head=_read_revision(document["head"]),
        reproduce_command=document.get("command", ""),
        notes=tuple(document.get("notes", ())),
        approval=_read_approval(document.get("approval")),
        gate_changes=tuple(map(read_gate_change, document.get("gate_changes", ()))),
        approval_label=document.get("approval_label", ""),
        limit_options=tuple(document.get("limit_options", ())),
        config_path=document.get("config_path", ""),
        not_reviewed=tuple(
            NotReviewed(item["path"], item["reason"]) for item in document.get("not_reviewed", ())
        ),
        audit=read_audit_facts(document),
        since=read_since(document),
    )
    check_sums(report, document)
    # Whether its judgement counts is decided elsewhere (bot/budget/untrusted_report.py).
    return report


def _write_revision(revision: Revision | None) -> Document | None:
    return {"ref": revision.ref, "sha": revision.sha} if revision else None


def _read_revision(data: JsonObject | None) -> Revision | None:
    return Revision(data["ref"], data["sha"]) if data else None


def _write_approval(approval: Approval | None) -> Document | None:
    if approval is None:
        return None
    return {
        "label": approval.label,
        "login": approval.login,
        "at": approval.set_at,
        "counts": approval.is_valid,
    }


def _read_approval(data: JsonObject | None) -> Approval | None:
    if data is None:
        return None
    return Approval(data["label"], data["login"], set_at=data["at"], is_valid=data["counts"])
