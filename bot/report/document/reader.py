"""Reads a JSON report that somebody else may have made: checks its shape, then does its sums."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bot.model.comparison import Attribution, Cause, Comparison, Delta, Owner
from bot.model.files import Identity
from bot.model.image import Image, Instruction, Layer, Metric
from bot.model.report import Approval, Check, ImageReport, Outcome, Report, Revision, State
from bot.model.spec import Budget, Growth, ImageSpec
from bot.model.suggestion import Edit, Suggestion, Verification
from bot.report.document.changes import (
    read_duplicates,
    read_files,
    read_match,
    read_note,
    read_waste,
)
from bot.report.document.consistency import check_sums
from bot.report.document.schema import schema_text

Document = Mapping[str, Any]


def from_document(document: Any) -> Report:
    """The report of a document; ValueError if it breaks the schema, or if its sums do not hold."""
    _check_shape(document, json.loads(schema_text()))
    report = Report(
        mode=document["mode"],
        images=tuple(_image_report(image) for image in document["images"]),
        base=_revision(document["base"]),
        head=_revision(document["head"]),
        command=document.get("command", ""),
        notes=tuple(document.get("notes", ())),
        approval=_approval(document.get("approval")),
    )
    check_sums(report, document)
    return report


def _check_shape(document: Any, schema: Document) -> None:
    errors = Draft202012Validator(schema).iter_errors(document)
    error = best_match(islice(errors, 1))  # the deepest cause of the first error; the rest can wait
    if error is not None:
        said = error.message if len(error.message) <= 200 else f"it breaks {error.validator!r}"
        raise ValueError(f"the report breaks its schema at {error.json_path[:200]}: {said}")


def _revision(given: Document | None) -> Revision | None:
    return Revision(given["ref"], given["sha"]) if given else None


def _image_report(given: Document) -> ImageReport:
    return ImageReport(
        spec=_spec(given),
        state=State(given["state"]),
        verdict=Outcome(given["verdict"]),
        comparison=_comparison(given),
        reason=given["reason"],
        log=tuple(given.get("log", ())),
        checks=tuple(_check(check) for check in given["checks"]),
        suggestions=tuple(_suggestion(one) for one in given["suggestions"]),
        notes=tuple(given.get("notes", ())),
    )


def _comparison(given: Document) -> Comparison:
    return Comparison(
        base=_image(given["base"]),
        head=_image(given["head"]),
        delta=_delta(given["delta"]),
        attribution=tuple(_attribution(row) for row in given["attribution"]),
        layers=tuple(read_match(match) for match in given.get("layers", ())),
        files=read_files(given.get("files")),
    )


def _spec(given: Document) -> ImageSpec:
    names = ("name", "dockerfile", "context", "target", "platform")
    return ImageSpec(**{name: given[name] for name in names}, budget=_budget(given.get("budget")))


def _budget(given: Document | None) -> Budget:
    if given is None:
        return Budget()
    growth = given["max_growth"]
    return Budget(
        max_size=_number(given["max_size"]),
        max_growth=Growth(_number(growth["bytes"]), growth["percent"]) if growth else None,
        ignore_below=int(given["ignore_below"]),
        metric=Metric(given["metric"]),
    )


def _image(given: Document | None) -> Image | None:
    if given is None:
        return None
    return Image(
        reference=given["reference"],
        image_id=given["image_id"],
        platform=given["platform"],
        layers=tuple(_layer(layer) for layer in given["layers"]),
        compressed_exact=given["compressed_exact"],
        filesystem_bytes=int(given["filesystem_bytes"]),
        files=int(given["files"]),
        way=given.get("way", ""),
        compressed_error=given.get("compressed_error", 0.0),
        identity=Identity(given.get("identity", Identity.SHA256)),
        wasted=tuple(read_waste(group) for group in given.get("wasted", ())),
        duplicates=read_duplicates(given.get("duplicates")),
    )


def _layer(given: Document) -> Layer:
    return Layer(
        index=int(given["index"]),
        diff_id=given["diff_id"],
        unpacked_bytes=int(given["unpacked_bytes"]),
        compressed_bytes=int(given["compressed_bytes"]),
        files=int(given["files"]),
        created_by=given["created_by"],
        content_id=given.get("content_id", ""),
        wasted_bytes=int(given.get("wasted_bytes", 0)),
        instruction=_instruction(given),
        from_base_image=given["from_base_image"],
    )


def _instruction(given: Document) -> Instruction | None:
    start, end = _number(given["line_start"]), _number(given["line_end"])
    if start is None:
        return None
    text = given.get("instruction") or given["created_by"]
    return Instruction(text.partition(" ")[0], text, start, start if end is None else end)


def _delta(given: Document | None) -> Delta | None:
    if given is None:
        return None
    return Delta(
        unpacked_bytes=int(given["unpacked_bytes"]),
        compressed_bytes=int(given["compressed_bytes"]),
        filesystem_bytes=int(given["filesystem_bytes"]),
        wasted_bytes=int(given["wasted_bytes"]),
        pull_delta_bytes=int(given["pull_delta_bytes"]),
        layers=int(given["layers"]),
        pull_delta_error=given.get("pull_delta_error", 0.0),
    )


def _check(given: Document) -> Check:
    return Check(
        name=given["name"],
        metric=given["metric"],
        observed=_number(given["observed"]),
        limit=_number(given["limit"]),
        result=Outcome(given["result"]),
        reason=given["reason"],
        approved=given.get("approved", False),
    )


def _attribution(given: Document) -> Attribution:
    return Attribution(
        cause=Cause(given["cause"]),
        text=given["text"],
        delta_bytes=int(given["delta_bytes"]),
        owners=tuple(_owner(owner) for owner in given["owners"]),
        line_start=_number(given["line_start"]),
        line_end=_number(given["line_end"]),
        side=given.get("side", "head"),
        notes=tuple(read_note(note) for note in given.get("notes", ())),
    )


def _owner(given: Document) -> Owner:
    return Owner(
        kind=given["kind"],
        name=given["name"],
        delta_bytes=int(given["delta_bytes"]),
        base_version=given["base_version"],
        head_version=given["head_version"],
    )


def _suggestion(given: Document) -> Suggestion:
    return Suggestion(
        rule=given["rule"],
        title=given["title"],
        message=given["message"],
        confidence=given["confidence"],
        line_start=_number(given["line_start"]),
        line_end=_number(given["line_end"]),
        saving_bytes=_number(given["saving_bytes"]),
        edits=tuple(_edit(edit) for edit in given["edits"]),
        dockerfile=given["dockerfile"],
        verification=_verification(given["verification"]),
    )


def _edit(given: Document) -> Edit:
    return Edit(int(given["line_start"]), int(given["line_end"]), given["replacement"])


def _verification(given: Document | None) -> Verification | None:
    if given is None:
        return None
    size = _number(given["unpacked_bytes"])
    return Verification(given["built"], given["started"], size, given["log"])


def _approval(given: Document | None) -> Approval | None:
    names = ("label", "login", "at", "counts")
    return Approval(**{name: given[name] for name in names}) if given else None


def _number(given: int | float | None) -> int | None:
    """JSON knows no integers: `1.0` is one."""
    return None if given is None else int(given)
