"""A measured image and its layers as JSON."""

from bot.model.files import HashAlgorithm
from bot.model.image import Image, InstructionRef, Layer
from bot.report.document.changes import (
    read_duplicates,
    read_waste_group,
    write_duplicates,
    write_waste_group,
)
from bot.report.document.contents_field import (
    read_contents,
    read_packages,
    write_contents,
    write_owners,
)
from bot.report.document.json_types import Document, JsonObject, read_integer
from bot.report.document.size_tree_field import read_size_tree, write_size_tree


def write_image(image: Image | None) -> Document | None:
    """Write a measured image; null for a side without one."""
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
        # `way` and `identity` are names of the first schema.
        "way": image.read_method,
        "identity": image.hash_algorithm.value,
        "layers": [_write_layer(layer) for layer in image.layers],
        "wasted": [write_waste_group(group) for group in image.waste_groups],
        "duplicates": write_duplicates(image.duplicates),
        **write_contents(image.contents),
        **write_size_tree(image.size_tree),
    }


def read_image(data: JsonObject | None) -> Image | None:
    """Read a measured image, without its files: a document has only their sums."""
    if data is None:
        return None
    # Sums over layers (unpacked_bytes, wasted_bytes) are computed by the image; consistency.py
    # compares them with those of the document.
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
        contents=read_contents(data),
        size_tree=read_size_tree(data),
    )


def _write_layer(layer: Layer) -> Document:
    lines = layer.instruction
    return {
        "index": layer.index,
        "diff_id": layer.diff_id,
        "content_id": layer.content_id,
        "unpacked_bytes": layer.unpacked_bytes,
        "compressed_bytes": layer.compressed_bytes,
        "compressed_error": layer.compressed_error,
        "wasted_bytes": layer.wasted_bytes,
        "files": layer.files,
        "created_by": layer.created_by,
        "instruction": lines.text if lines else None,
        "line_start": lines.line_start if lines else None,
        "line_end": lines.line_end if lines else None,
        "from_base_image": layer.from_base_image,
        **write_owners(layer.largest_owners),
    }


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
        compressed_error=data.get("compressed_error", 0.0),
        largest_owners=read_packages(data.get("owners", ())),
    )


def _read_instruction(data: JsonObject) -> InstructionRef | None:
    start, end = read_integer(data["line_start"]), read_integer(data["line_end"])
    if start is None:
        return None
    # Older reports have what the image's history says, of which the first word is the keyword, too.
    text = data.get("instruction") or data["created_by"]
    return InstructionRef(text.partition(" ")[0], text, start, start if end is None else end)
