"""Reads a record, which anybody who may write to its place can have written.

Bounds, types and sums are checked by hand: a JSON Schema takes a millisecond for each record, and
there are thousands. tests/unit/records compares both.
"""

import json
import re

from bot.model.build_key import BaseDigest, BuildKey
from bot.records.json_fields import MAX_LINE, JsonFields
from bot.records.record import (
    RECORD_VERSION,
    ImageKey,
    Record,
    RecordedBuild,
    RecordedLayer,
    RecordedOwner,
)

MAX_RECORD_BYTES = 1_000_000
_MAX_LAYERS = 1_000
_MAX_OWNERS = 1_000
_MAX_BASES = 200
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# RFC 3339 in UTC, as the writer has it. 30 February passes, for which
# calendar.timegm has a day in March.
_DATE = re.compile(
    r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)
_DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{32,128}")


def read_record(data: bytes) -> Record:
    """Return a record; ValueError, with the reason, for anything else."""
    if len(data) > MAX_RECORD_BYTES:
        raise ValueError(f"it has more than {MAX_RECORD_BYTES:,} bytes")
    try:
        # Bytes that are no UTF-8 and numbers of thousands of digits are ValueErrors, too.
        document = json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("it is not an object")
    fields = JsonFields(document)
    version = fields.read_integer("record_version", 1, MAX_LINE)
    if version != RECORD_VERSION:
        raise ValueError(f"its version {version} is of a newer release")
    record = _read(fields)
    _check_sums(record, fields)
    return record


def _read(fields: JsonFields) -> Record:
    return Record(
        commit=fields.read_match("commit", _COMMIT),
        date=fields.read_match("date", _DATE),
        key=ImageKey(fields.read_text("name"), fields.read_text("platform")),
        dockerfile=fields.read_text("dockerfile"),
        target=fields.read_optional_text("target"),
        image_id=fields.read_match("image_id", _DIGEST),
        store=fields.read_text("store"),
        compressed_exact=fields.read_boolean("compressed_exact"),
        filesystem_bytes=fields.read_size("filesystem_bytes"),
        own_wasted_bytes=fields.read_size("own_wasted_bytes"),
        layers=tuple(_read_layer(item) for item in fields.list_items("layers", _MAX_LAYERS)),
        owners=tuple(_read_owner(item) for item in fields.list_items("owners", _MAX_OWNERS)),
        rest_bytes=fields.read_size("rest_bytes"),
        renamed_from=fields.read_optional_text("renamed_from") or "",
        is_approved=fields.read_boolean("approved"),
        build=_read_build(fields.read_optional_object("build")),
    )


def _read_build(fields: JsonFields | None) -> RecordedBuild | None:
    """Return what an image was built of; None for a record without it, as older ones are."""
    if fields is None:
        return None
    bases = fields.list_items("bases", _MAX_BASES)
    digests = (BaseDigest(x.read_text("name"), x.read_match("digest", _DIGEST)) for x in bases)
    key = BuildKey(fields.read_match("inputs", _DIGEST), tuple(digests))
    return RecordedBuild(key, fields.read_match("detail", _DIGEST))


def _read_layer(fields: JsonFields) -> RecordedLayer:
    return RecordedLayer(
        diff_id=fields.read_match("diff_id", _DIGEST),
        unpacked_bytes=fields.read_size("unpacked_bytes"),
        compressed_bytes=fields.read_size("compressed_bytes"),
        text=fields.read_text("text"),
        line_start=fields.read_optional_line("line_start"),
        line_end=fields.read_optional_line("line_end"),
        from_base_image=fields.read_boolean("from_base_image"),
    )


def _read_owner(fields: JsonFields) -> RecordedOwner:
    return RecordedOwner(
        fields.read_text("kind"), fields.read_text("name"), fields.read_size("bytes")
    )


def _check_sums(record: Record, fields: JsonFields) -> None:
    """Raise ValueError for a number that the others do not add up to."""
    # Sums without a remainder, as in the JSON report (ARCHITECTURE.md).
    owned = sum(owner.bytes for owner in record.owners) + record.rest_bytes
    claims = (
        ("unpacked_bytes", fields.read_size("unpacked_bytes"), record.unpacked_bytes),
        ("compressed_bytes", fields.read_size("compressed_bytes"), record.compressed_bytes),
        ("wasted_bytes", fields.read_size("wasted_bytes"), record.wasted_bytes),
        ("the sum of its owners", owned, record.unpacked_bytes),
    )
    for name, stated, computed in claims:
        if stated != computed:
            raise ValueError(f"{name} is {stated}, but should be {computed}")
    if record.own_wasted_bytes > record.wasted_bytes:
        raise ValueError("own_wasted_bytes is more than wasted_bytes")
