"""A suggestion as JSON: its edits, and how it was verified."""

from bot.model.suggestion import (
    Confidence,
    Edit,
    SecondOffer,
    StartResult,
    Suggestion,
    Verification,
)
from bot.report.document.json_types import Document, JsonObject, read_integer


def write_suggestion(suggestion: Suggestion) -> Document:
    """Write a suggestion with its edits."""
    return {
        "rule": suggestion.rule,
        "title": suggestion.title,
        "line_start": suggestion.line_start,
        "line_end": suggestion.line_end,
        "message": suggestion.message,
        "confidence": suggestion.confidence.value,
        "saving_bytes": suggestion.saving_bytes,
        "edits": [_write_edit(edit) for edit in suggestion.edits],
        "dockerfile": suggestion.dockerfile,
        "verification": _write_verification(suggestion.verification),
        # For pages that are drawn from a document: the Dockerfile itself is not in it.
        **({"diff": suggestion.diff} if suggestion.diff else {}),
        **_write_second_offer(suggestion.second_offer),
    }


def read_suggestion(data: JsonObject) -> Suggestion:
    """Read a suggestion."""
    return Suggestion(
        rule=data["rule"],
        title=data["title"],
        message=data["message"],
        confidence=Confidence(data["confidence"]),
        line_start=read_integer(data["line_start"]),
        line_end=read_integer(data["line_end"]),
        saving_bytes=read_integer(data["saving_bytes"]),
        edits=tuple(_read_edit(edit) for edit in data["edits"]),
        dockerfile=data["dockerfile"],
        verification=_read_verification(data["verification"]),
        diff=data.get("diff", ""),
        second_offer=_read_second_offer(data.get("second_offer")),
    )


def _write_second_offer(offer: SecondOffer | None) -> Document:
    if offer is None:
        return {}
    fields = {
        "base_image": offer.base_image,
        "unpacked_bytes": offer.unpacked_bytes,
        "last_stage": offer.last_stage,
        "started": offer.started.value,
    }
    return {"second_offer": fields}


def _read_second_offer(data: JsonObject | None) -> SecondOffer | None:
    if data is None:
        return None
    return SecondOffer(
        data["base_image"],
        int(data["unpacked_bytes"]),
        data["last_stage"],
        StartResult(data.get("started", StartResult.SAME)),
    )


def _write_edit(edit: Edit) -> Document:
    return {
        "line_start": edit.line_start,
        "line_end": edit.line_end,
        "replacement": edit.replacement,
    }


def _read_edit(data: JsonObject) -> Edit:
    return Edit(int(data["line_start"]), int(data["line_end"]), data["replacement"])


def _write_verification(verification: Verification | None) -> Document | None:
    if verification is None:
        return None
    return {
        "built": verification.built,
        "started": verification.started.value,
        "unpacked_bytes": verification.unpacked_bytes,
        "log": verification.log,
    }


def _read_verification(data: JsonObject | None) -> Verification | None:
    if data is None:
        return None
    size = read_integer(data["unpacked_bytes"])
    return Verification(data["built"], StartResult(data["started"]), size, data["log"])
