"""Reads a JSON report that somebody else may have made: checks its shape, then does its sums."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bot.model.comparison import Attribution, BaseOrHead, Comparison, Delta, GrowthCause, Owner
from bot.model.files import HashAlgorithm
from bot.model.image import Image, InstructionRef, Layer, Metric
from bot.model.report import (
    Approval,
    Check,
    ImageReport,
    ImageState,
    Mode,
    Outcome,
    Report,
    Revision,
)
from bot.model.spec import Budget, GrowthLimit, ImageSpec
from bot.model.suggestion import Confidence, Edit, StartResult, Suggestion, Verification
from bot.report.document.changes import (
    read_duplicates,
    read_file_changes,
    read_layer_effect,
    read_layer_match,
    read_waste_group,
)
from bot.report.document.consistency import check_sums
from bot.report.document.schema import read_schema

JsonObject = Mapping[str, Any]


def from_document(document: Any) -> Report:
    """The report of a document; ValueError if it breaks the schema, or if its sums do not hold."""
    _validate_schema(document, json.loads(read_schema()))
    report = Report(
        mode=Mode(document["mode"]),
        images=tuple(_read_image_report(image) for image in document["images"]),
        base=_read_revision(document["base"]),
        head=_read_revision(document["head"]),
        reproduce_command=document.get("command", ""),
        notes=tuple(document.get("notes", ())),
        approval=_read_approval(document.get("approval")),
    )
    check_sums(report, document)
    return report


def _validate_schema(document: Any, schema: JsonObject) -> None:
    errors = Draft202012Validator(schema).iter_errors(document)
    error = best_match(islice(errors, 1))  # the deepest cause of the first error; the rest can wait
    if error is not None:
        said = error.message if len(error.message) <= 200 else f"it breaks {error.validator!r}"
        raise ValueError(f"the report breaks its schema at {error.json_path[:200]}: {said}")


def _read_revision(data: JsonObject | None) -> Revision | None:
    return Revision(data["ref"], data["sha"]) if data else None


def _read_image_report(data: JsonObject) -> ImageReport:
    return ImageReport(
        spec=_read_spec(data),
        state=ImageState(data["state"]),
        verdict=Outcome(data["verdict"]),
        comparison=_read_comparison(data),
        reason=data["reason"],
        log=tuple(data.get("log", ())),
        checks=tuple(_read_check(check) for check in data["checks"]),
        suggestions=tuple(_read_suggestion(one) for one in data["suggestions"]),
        notes=tuple(data.get("notes", ())),
    )


def _read_comparison(data: JsonObject) -> Comparison:
    return Comparison(
        base=_read_image(data["base"]),
        head=_read_image(data["head"]),
        delta=_read_delta(data["delta"]),
        attribution=tuple(_read_attribution(row) for row in data["attribution"]),
        layer_matches=tuple(read_layer_match(match) for match in data.get("layers", ())),
        file_changes=read_file_changes(data.get("files")),
    )


def _read_spec(data: JsonObject) -> ImageSpec:
    names = ("name", "dockerfile", "context", "target", "platform")
    return ImageSpec(
        **{name: data[name] for name in names}, budget=_read_budget(data.get("budget"))
    )


def _read_budget(data: JsonObject | None) -> Budget:
    if data is None:
        return Budget()
    growth = data["max_growth"]
    return Budget(
        max_size=_read_integer(data["max_size"]),
        max_growth=GrowthLimit(_read_integer(growth["bytes"]), growth["percent"])
        if growth
        else None,
        ignore_below=int(data["ignore_below"]),
        metric=Metric(data["metric"]),
    )


def _read_image(data: JsonObject | None) -> Image | None:
    if data is None:
        return None
    return Image(
        reference=data["reference"],
        image_id=data["image_id"],
        platform=data["platform"],
        layers=tuple(_read_layer(layer) for layer in data["layers"]),
        compressed_exact=data["compressed_exact"],
        filesystem_bytes=int(data["filesystem_bytes"]),
        files=int(data["files"]),
        read_method=data.get("way", ""),
        compressed_error=data.get("compressed_error", 0.0),
        hash_algorithm=HashAlgorithm(data.get("identity", HashAlgorithm.SHA256)),
        waste_groups=tuple(read_waste_group(group) for group in data.get("wasted", ())),
        duplicates=read_duplicates(data.get("duplicates")),
    )


def _read_layer(data: JsonObject) -> Layer:
    return Layer(
        index=int(data["index"]),
        diff_id=data["diff_id"],
        unpacked_bytes=int(data["unpacked_bytes"]),
        compressed_bytes=int(data["compressed_bytes"]),
        files=int(data["files"]),
        created_by=data["created_by"],
        content_id=data.get("content_id", ""),
        wasted_bytes=int(data.get("wasted_bytes", 0)),
        instruction=_read_instruction(data),
        from_base_image=data["from_base_image"],
    )


def _read_instruction(data: JsonObject) -> InstructionRef | None:
    start, end = _read_integer(data["line_start"]), _read_integer(data["line_end"])
    if start is None:
        return None
    text = data.get("instruction") or data["created_by"]
    return InstructionRef(text.partition(" ")[0], text, start, start if end is None else end)


def _read_delta(data: JsonObject | None) -> Delta | None:
    if data is None:
        return None
    return Delta(
        unpacked_bytes=int(data["unpacked_bytes"]),
        compressed_bytes=int(data["compressed_bytes"]),
        filesystem_bytes=int(data["filesystem_bytes"]),
        wasted_bytes=int(data["wasted_bytes"]),
        pull_delta_bytes=int(data["pull_delta_bytes"]),
        layers=int(data["layers"]),
        pull_delta_error=data.get("pull_delta_error", 0.0),
    )


def _read_check(data: JsonObject) -> Check:
    return Check(
        name=data["name"],
        metric=Metric(data["metric"].removesuffix("_bytes")),
        observed=_read_integer(data["observed"]),
        limit=_read_integer(data["limit"]),
        result=Outcome(data["result"]),
        reason=data["reason"],
        approved=data.get("approved", False),
    )


def _read_attribution(data: JsonObject) -> Attribution:
    return Attribution(
        cause=GrowthCause(data["cause"]),
        text=data["text"],
        delta_bytes=int(data["delta_bytes"]),
        owners=tuple(_read_owner(owner) for owner in data["owners"]),
        line_start=_read_integer(data["line_start"]),
        line_end=_read_integer(data["line_end"]),
        side=BaseOrHead(data.get("side", BaseOrHead.HEAD)),
        effects=tuple(read_layer_effect(note) for note in data.get("notes", ())),
    )


def _read_owner(data: JsonObject) -> Owner:
    return Owner(
        kind=data["kind"],
        name=data["name"],
        delta_bytes=int(data["delta_bytes"]),
        base_version=data["base_version"],
        head_version=data["head_version"],
    )


def _read_suggestion(data: JsonObject) -> Suggestion:
    return Suggestion(
        rule=data["rule"],
        title=data["title"],
        message=data["message"],
        confidence=Confidence(data["confidence"]),
        line_start=_read_integer(data["line_start"]),
        line_end=_read_integer(data["line_end"]),
        saving_bytes=_read_integer(data["saving_bytes"]),
        edits=tuple(_read_edit(edit) for edit in data["edits"]),
        dockerfile=data["dockerfile"],
        verification=_read_verification(data["verification"]),
    )


def _read_edit(data: JsonObject) -> Edit:
    return Edit(int(data["line_start"]), int(data["line_end"]), data["replacement"])


def _read_verification(data: JsonObject | None) -> Verification | None:
    if data is None:
        return None
    size = _read_integer(data["unpacked_bytes"])
    return Verification(data["built"], StartResult(data["started"]), size, data["log"])


def _read_approval(data: JsonObject | None) -> Approval | None:
    if data is None:
        return None
    return Approval(data["label"], data["login"], set_at=data["at"], is_valid=data["counts"])


def _read_integer(number: int | float | None) -> int | None:
    """JSON knows no integers: `1.0` is one."""
    return None if number is None else int(number)
