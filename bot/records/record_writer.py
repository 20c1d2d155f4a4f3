"""Writes the record of a measured image."""

import json
from collections import Counter
from dataclasses import replace

from bot.model.image import Image, Layer
from bot.model.report import ImageReport
from bot.model.spec import ImageSpec
from bot.records.record import (
    RECORD_VERSION,
    ImageKey,
    Record,
    RecordedBuild,
    RecordedLayer,
    RecordedOwner,
)

# Bounds of what is written, which those of the reader leave room for.
_MAX_OWNERS = 20
_MAX_TEXT_CHARACTERS = 200


def make_record(
    report: ImageReport, commit: str, date: str, *, is_approved: bool = False, detail: str = ""
) -> Record | None:
    """Return the record of an image that was measured at head; None for others.

    `detail` is the digest of its detail; without one, the record cannot stand in for a build.
    """
    image, spec = report.comparison.head, report.spec
    if image is None:
        return None
    record = make_image_record(spec, image, commit, date)
    old = report.renamed_from
    return replace(
        record,
        renamed_from=old.name if old and old.name != spec.name else "",
        is_approved=is_approved,
        build=RecordedBuild(report.build_key, detail) if report.build_key and detail else None,
    )


def make_image_record(
    spec: ImageSpec, image: Image, commit: str, date: str, most_owners: int = _MAX_OWNERS
) -> Record:
    """Return the record of an image that was built of a commit."""
    owners, rest_bytes = _list_owners(image, most_owners)
    return Record(
        commit=commit,
        date=date,
        key=ImageKey(spec.name, image.platform),
        dockerfile=spec.dockerfile,
        target=spec.target,
        image_id=image.image_id,
        store=_shorten(image.read_method),
        compressed_exact=image.compressed_exact,
        filesystem_bytes=image.filesystem_bytes,
        own_wasted_bytes=image.own_wasted_bytes,
        layers=tuple(map(_make_layer, image.layers)),
        owners=owners,
        rest_bytes=rest_bytes,
    )


def render_record(record: Record) -> bytes:
    """Return a record as JSON, in which one line is one layer or owner.

    All of it is ASCII: git stores the difference between two records in few bytes.
    """
    layers = ",\n  ".join(_dump(_write_layer(layer)) for layer in record.layers)
    owners = ",\n  ".join(
        _dump({"kind": owner.kind, "name": owner.name, "bytes": owner.bytes})
        for owner in record.owners
    )
    head = _dump(_write_head(record)).removesuffix("}")
    return f'{head},\n "layers": [\n  {layers}],\n "owners": [\n  {owners}]}}\n'.encode("ascii")


def _write_head(record: Record) -> dict[str, object]:
    head = {
        "record_version": RECORD_VERSION,
        "commit": record.commit,
        "date": record.date,
        "name": record.key.name,
        "platform": record.key.platform,
        "dockerfile": record.dockerfile,
        "target": record.target,
        "renamed_from": record.renamed_from or None,
        "image_id": record.image_id,
        "store": record.store,
        "approved": record.is_approved,
        "unpacked_bytes": record.unpacked_bytes,
        "compressed_bytes": record.compressed_bytes,
        "compressed_exact": record.compressed_exact,
        "filesystem_bytes": record.filesystem_bytes,
        "wasted_bytes": record.wasted_bytes,
        "own_wasted_bytes": record.own_wasted_bytes,
        "rest_bytes": record.rest_bytes,
    }
    return {**head, "build": _write_build(record.build)} if record.build else head


def _write_build(build: RecordedBuild) -> dict[str, object]:
    bases = [{"name": base.name, "digest": base.digest} for base in build.key.bases]
    return {"inputs": build.key.inputs, "bases": bases, "detail": build.detail}


def _write_layer(layer: RecordedLayer) -> dict[str, object]:
    return {
        "diff_id": layer.diff_id,
        "unpacked_bytes": layer.unpacked_bytes,
        "compressed_bytes": layer.compressed_bytes,
        "text": layer.text,
        "line_start": layer.line_start,
        "line_end": layer.line_end,
        "from_base_image": layer.from_base_image,
    }


def _make_layer(layer: Layer) -> RecordedLayer:
    lines = layer.instruction
    return RecordedLayer(
        diff_id=layer.diff_id,
        unpacked_bytes=layer.unpacked_bytes,
        compressed_bytes=layer.compressed_bytes,
        text=_shorten(lines.text if lines else layer.created_by),
        line_start=lines.line_start if lines else None,
        line_end=lines.line_end if lines else None,
        from_base_image=layer.from_base_image,
    )


def _list_owners(image: Image, most: int) -> tuple[tuple[RecordedOwner, ...], int]:
    """Return the largest owners of all layers, and the bytes of the others."""
    sizes = Counter[tuple[str, str]]()
    for layer in image.layers:
        for owner, size in layer.owners.items():
            sizes[owner.kind, owner.name] += size
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:most]
    owners = tuple(
        RecordedOwner(kind, _shorten(name), size) for (kind, name), size in largest if size
    )
    # Of the image's own total, with which the reader compares the sum.
    return owners, image.unpacked_bytes - sum(owner.bytes for owner in owners)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_TEXT_CHARACTERS else f"{text[: _MAX_TEXT_CHARACTERS - 1]}…"


def _dump(document: dict[str, object]) -> str:
    # Lone surrogates of a path become escapes; they could not be encoded as UTF-8.
    return json.dumps(document, ensure_ascii=True, allow_nan=False)
