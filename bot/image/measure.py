"""From an archive to a measured image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.image.archives.blob import Blob
from bot.image.archives.image_config import HistoryEntry
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.build_history import match_instructions
from bot.image.filesystem.layer_owners import sum_bytes_by_owner
from bot.image.filesystem.union import union_layers
from bot.model.files import HashAlgorithm, OwnerKey
from bot.model.image import Image, InstructionRef, Layer

if TYPE_CHECKING:  # to import it takes longer than to measure a small image
    from bot.dockerfile.stages import Stage


def measure_image(
    image: ScannedImage,
    reference: str,
    stages: Sequence[Stage] = (),
    base_diff_ids: Sequence[str] | None = None,
) -> Image:
    """The sizes of an image, layer by layer.

    `stages` are those that ship, the one on the foreign base first: they give each layer its line.
    `base_layers` are the diff IDs of the foreign base where they are known.
    """
    blobs = image.blobs
    indexes = [blob.layer for blob in blobs]
    system = union_layers(indexes)
    history = _match_layer_history(image.history, len(blobs), stages)
    own_from = _find_first_own_layer(blobs, history, base_diff_ids, stages)
    origin = stages[0].from_instruction if stages else None
    shares = zip(blobs, history, system.wasted_bytes, sum_bytes_by_owner(indexes), strict=True)
    layers = tuple(
        _measure_layer(
            blob,
            source,
            origin if index < own_from else None,
            index=index,
            wasted_bytes=wasted,
            owners=owners,
        )
        for index, (blob, source, wasted, owners) in enumerate(shares)
    )
    return Image(
        reference=reference,
        image_id=image.image_id,
        platform=image.platform,
        layers=layers,
        compressed_exact=all(blob.is_exact for blob in blobs),
        filesystem_bytes=system.filesystem_bytes,
        files=system.file_count,
        read_method=image.read_method,
        compressed_error=_compute_size_error(blobs),
        wasted_files=system.wasted_files,
        tree=system.tree,
        layer_by_path=system.layer_by_path,
        directories={path: entry for path, (entry, _) in system.directories.items()},
        layer_by_directory={path: layer for path, (_, layer) in system.directories.items()},
        hash_algorithm=indexes[0].hash_algorithm if indexes else HashAlgorithm.XXH3,
    )


def _measure_layer(
    blob: Blob,
    history_entry: tuple[str, InstructionRef | None],
    base_instruction: InstructionRef | None,
    *,
    index: int,
    wasted_bytes: int,
    owners: Mapping[OwnerKey, int],
) -> Layer:
    """One layer; `origin` is the `FROM` that brought it, None for a layer of the Dockerfile's own."""
    scanned = blob.layer
    return Layer(
        index=index,
        diff_id=scanned.diff_id,
        unpacked_bytes=scanned.unpacked_bytes,
        compressed_bytes=blob.size,
        files=scanned.file_count,
        created_by=history_entry[0],
        content_id=scanned.content_id,
        wasted_bytes=wasted_bytes,
        owners=owners,
        instruction=base_instruction or history_entry[1],
        from_base_image=base_instruction is not None,
        compressed_error=blob.size_error,
    )


def _compute_size_error(blobs: Sequence[Blob]) -> float:
    """How far the sum of the blobs' sizes may be off, as a share of it: as if all erred one way.

    A millionth is more than any guess knows of itself; what follows are the sums' own roundings.
    """
    total = sum(blob.size for blob in blobs)
    return round(sum(blob.size * blob.size_error for blob in blobs) / total, 6) if total else 0.0


def _match_layer_history(
    history: Sequence[HistoryEntry], layer_count: int, stages: Sequence[Stage]
) -> list[tuple[str, InstructionRef | None]]:
    """For each layer the text and the instruction that made it; blank where history is too short."""
    instructions = [instruction for stage in stages for instruction in stage.instructions]
    matched = match_instructions([entry.created_by for entry in history], instructions)
    told = [
        (entry.created_by, instruction)
        for entry, instruction in zip(history, matched, strict=True)
        if not entry.is_empty_layer
    ]
    # A history may lack its beginning (squashed or imported bases), never its end.
    missing: list[tuple[str, InstructionRef | None]] = [("", None)] * max(
        0, layer_count - len(told)
    )
    return [*missing, *told][-layer_count:] if layer_count else []


def _find_first_own_layer(
    blobs: Sequence[Blob],
    history: Sequence[tuple[str, InstructionRef | None]],
    base_diff_ids: Sequence[str] | None,
    stages: Sequence[Stage],
) -> int:
    """The index of the first layer that the Dockerfile added on top of its base image."""
    if not stages or stages[0].base_name == "scratch":
        return 0
    if base_diff_ids is not None:
        diff_ids = [blob.layer.diff_id for blob in blobs]
        if diff_ids[: len(base_diff_ids)] == list(base_diff_ids):
            return len(base_diff_ids)
    return next((i for i, (_, instruction) in enumerate(history) if instruction), len(blobs))
