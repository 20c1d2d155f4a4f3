"""The totals, savings and shared parts of an audit as JSON.

Totals, savings and shared layers follow from the images: they are written for other programs, and
a document in which they are anything else is refused.
"""

from bot.audit.savings import select_savings
from bot.audit.shared_layers import find_shared_layers
from bot.audit.totals import count_totals
from bot.model.audit import AuditFacts, RepeatedFiles, RepeatedGroup, Saving, SharedLayers
from bot.model.report import Mode, Report
from bot.report.document.identity_fields import read_identity, write_identity
from bot.report.document.json_types import Document, JsonObject


def write_audit_facts(report: Report) -> Document:
    """Write the fields that only an audit has; none for any other report."""
    if report.mode is not Mode.AUDIT:
        return {}
    facts = report.audit or AuditFacts()
    # Only what no other field gives is read back: the name, the time and the repeated files, of
    # which a document has no trees.
    return {
        "repository": facts.repository,
        "made_at": facts.made_at,
        "totals": write_totals(report),
        "savings": write_savings(report),
        "repeated_files": _write_repeated_files(facts.repeated_files),
    }


def write_totals(report: Report) -> Document:
    """Write the sums over the images."""
    totals = count_totals(report.images)
    return {
        "images": totals.images,
        "unpacked_bytes": totals.unpacked_bytes,
        "unpacked_bytes_unique": totals.unpacked_bytes_unique,
        "saving_bytes": totals.saving_bytes,
        "images_lacking_contents": totals.images_lacking_contents,
    }


def write_savings(report: Report) -> list[Document]:
    """Write the suggestions that add up to the sum of all savings."""
    return [_write_saving(saving) for saving in select_savings(report.images)]


def write_shared_layers(report: Report) -> list[Document]:
    """Write for each image of an audit the field with what it shares with others."""
    if report.mode is not Mode.AUDIT:
        return [{} for _ in report.images]
    return [
        {"shared_with": [_write_shared(shared) for shared in image]}
        for image in find_shared_layers(report.images)
    ]


def read_audit_facts(document: JsonObject) -> AuditFacts | None:
    """Read what an audit says besides its images; None for any other report."""
    # Audits of older versions had no time.
    if document["mode"] != Mode.AUDIT or "made_at" not in document:
        return None
    return AuditFacts(
        document.get("repository", ""),
        document["made_at"],
        _read_repeated_files(document.get("repeated_files")),
    )


def _write_saving(saving: Saving) -> Document:
    suggestion = saving.suggestion
    return {
        **write_identity(saving.image),
        "rule": suggestion.rule,
        "title": suggestion.title,
        "line_start": suggestion.line_start,
        "line_end": suggestion.line_end,
        "confidence": suggestion.confidence.value,
        "saving_bytes": saving.bytes,
    }


def _write_shared(shared: SharedLayers) -> Document:
    return {
        **write_identity(shared.image),
        "layers": shared.layers,
        "unpacked_bytes": shared.unpacked_bytes,
    }


def _write_repeated_files(repeated: RepeatedFiles | None) -> Document | None:
    if repeated is None:
        return None
    largest = [
        {
            "path": group.path,
            "files": group.files,
            "size": group.size,
            "copies": group.copies,
            "bytes": group.bytes,
            "images": [write_identity(identity) for identity in group.images],
        }
        for group in repeated.largest
    ]
    return {"contents": repeated.contents, "bytes": repeated.bytes, "largest": largest}


def _read_repeated_files(data: JsonObject | None) -> RepeatedFiles | None:
    if data is None:
        return None
    largest = tuple(
        RepeatedGroup(
            path=group["path"],
            files=int(group["files"]),
            size=int(group["size"]),
            copies=int(group["copies"]),
            images=tuple(map(read_identity, group["images"])),
        )
        for group in data["largest"]
    )
    return RepeatedFiles(int(data["contents"]), int(data["bytes"]), largest)
