"""The rest of a recorded image: its layers' owners, which a comparison of images needs.

A file of its own, named by its digest, so that records stay small and equal ones share it. It says
nothing of single files. Like a record it is not trusted: digest, bounds and sums are checked.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any

from bot.model.files import HashAlgorithm, OwnerKey
from bot.model.image import Image, InstructionRef, Layer
from bot.records.json_fields import MAX_BYTES, JsonFields
from bot.records.record import Record, RecordedLayer

MAX_DETAIL_BYTES = 1_000_000
_MAX_OWNERS = 3_000  # of all layers together
_MAX_READ_OWNERS = 10_000
_MAX_CHARACTERS = 2_000
_OWNER_PARTS = 4
_MAX_ERROR = 1_000  # a layer of some bytes is mostly the overhead of its compression
# A text that was masked, or cut, is not the one that the next build has.
_MASK = "***"


def render_detail(image: Image) -> bytes | None:
    """Return the detail of a measured image; None for one that a comparison could not be made of.

    Such an image has too many owners, or an instruction that cannot be kept as it is.
    """
    texts = [layer.created_by for layer in image.layers]
    owners = sum(len(layer.owners) for layer in image.layers)
    if owners > _MAX_OWNERS or any(len(x) > _MAX_CHARACTERS or _MASK in x for x in texts):
        return None
    layers = ",\n".join(_dump(_write_layer(layer)) for layer in image.layers)
    head = {
        "image_id": image.image_id,
        "files": image.files,
        "compressed_error": image.compressed_error,
        "identity": image.hash_algorithm.value,
    }
    content = f'{_dump(head).removesuffix("}")},\n "layers": [\n{layers}]}}\n'.encode("ascii")
    # The reader takes no larger one.
    return content if len(content) <= MAX_DETAIL_BYTES else None


def digest_detail(content: bytes) -> str:
    """Return the digest that a record names its detail by."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read_detail(content: bytes, record: Record) -> Image:
    """Return the image of a record, without its files; ValueError if the detail is not its own."""
    # Before it is parsed, so that only what the record's own writer wrote is.
    if record.build is None or digest_detail(content) != record.build.detail:
        raise ValueError("it is not the one that the record names")
    return parse_detail(content, record)


def parse_detail(content: bytes, record: Record) -> Image:
    """Return the image of a record from a detail that was kept with it, whatever its digest.

    ValueError if it is not of this record.
    """
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("it is not an object")
    return _read_image(JsonFields(document), record)


def _read_image(fields: JsonFields, record: Record) -> Image:
    if fields.read_text("image_id") != record.image_id:
        raise ValueError("it is of another image")
    items = fields.list_items("layers", len(record.layers))
    if len(items) != len(record.layers):
        raise ValueError("it has other layers than the record")
    layers = tuple(map(_read_layer, range(len(items)), items, record.layers))
    if sum(len(layer.owners) for layer in layers) > _MAX_READ_OWNERS:
        raise ValueError(f"it has more than {_MAX_READ_OWNERS:,} owners")
    image = Image(
        reference=record.key.name,
        image_id=record.image_id,
        platform=record.key.platform,
        layers=layers,
        compressed_exact=record.compressed_exact,
        filesystem_bytes=record.filesystem_bytes,
        files=fields.read_size("files"),
        read_method=record.store,
        compressed_error=_read_error(fields),
        hash_algorithm=HashAlgorithm(fields.read_text("identity")),
    )
    wasted = sum(layer.wasted_bytes for layer in layers)
    if (wasted, image.own_wasted_bytes) != (record.wasted_bytes, record.own_wasted_bytes):
        raise ValueError("the waste of its layers is not that of the record")
    return image


def _read_layer(index: int, fields: JsonFields, recorded: RecordedLayer) -> Layer:
    owners = _read_owners(fields.read_list("owners", _MAX_READ_OWNERS))
    if sum(owners.values()) != recorded.unpacked_bytes:
        raise ValueError(f"the owners of layer {index} do not add up to its size")
    return Layer(
        index=index,
        diff_id=recorded.diff_id,
        unpacked_bytes=recorded.unpacked_bytes,
        compressed_bytes=recorded.compressed_bytes,
        files=fields.read_size("files"),
        created_by=fields.read_text("created_by"),
        content_id=fields.read_text("content_id"),
        wasted_bytes=fields.read_size("wasted_bytes"),
        owners=owners,
        instruction=make_instruction(recorded),
        from_base_image=recorded.from_base_image,
        compressed_error=_read_error(fields),
    )


def make_instruction(layer: RecordedLayer) -> InstructionRef | None:
    """Return the instruction of a recorded layer; None if the record has no line for it."""
    if layer.line_start is None:
        return None
    end = layer.line_start if layer.line_end is None else layer.line_end
    return InstructionRef(layer.text.partition(" ")[0], layer.text, layer.line_start, end)


def _read_owners(items: Sequence[Any]) -> dict[OwnerKey, int]:
    owners: dict[OwnerKey, int] = {}
    for item in items:
        if not isinstance(item, list) or len(item) != _OWNER_PARTS:
            raise ValueError("an owner is not a list of kind, name, version and bytes")
        kind, name, version, size = item
        texts = (kind, name, *([] if version is None else [version]))
        if not all(isinstance(x, str) and len(x) <= _MAX_CHARACTERS for x in texts):
            raise ValueError("a name of an owner is not a short text")
        is_number = isinstance(size, int) and not isinstance(size, bool)
        if not is_number or not 0 <= size <= MAX_BYTES:
            raise ValueError("the size of an owner is not a number of bytes")
        owner = OwnerKey(kind, name, version)
        if owner in owners:
            raise ValueError("an owner appears twice")
        owners[owner] = size
    return owners


def _read_error(fields: JsonFields) -> float:
    error = fields.read_number("compressed_error")
    if not math.isfinite(error) or not 0 <= error <= _MAX_ERROR:
        raise ValueError(f"compressed_error is not between 0 and {_MAX_ERROR:,}")
    return error


def _write_layer(layer: Layer) -> dict[str, object]:
    return {
        "created_by": layer.created_by,
        "content_id": layer.content_id,
        "files": layer.files,
        "wasted_bytes": layer.wasted_bytes,
        "compressed_error": layer.compressed_error,
        # Sorted by text, as a version may be None, which does not compare with one.
        "owners": [[*owner, size] for owner, size in sorted(layer.owners.items(), key=str)],
    }


def _dump(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=True, allow_nan=False)
