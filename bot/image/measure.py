"""The way from a scanned image to a measured one: sizes, waste, owners and origins per layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.image.archives.blob import Blob
from bot.image.archives.image_config import HistoryEntry
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.build_history import list_build_steps, match_instructions
from bot.image.layer_analysis import LayerAnalysis
from bot.model.files import HashAlgorithm, OwnerKey
from bot.model.image import BaseImage, Image, InstructionRef, Layer

if TYPE_CHECKING:  # to import it takes longer than to measure a small image
    from bot.dockerfile.stages import Stage


def measure_image(
    image: ScannedImage,
    reference: str,
    stages: Sequence[Stage] = (),
    base_image: BaseImage | None = None,
    analysis: LayerAnalysis | None = None,
) -> Image:
    """Return the sizes of an image, layer by layer.

    `stages` are the final stage and those it is based on, the one with the external base image
    first: they give each layer its instruction. `base_image` is that image, where known. `analysis`
    is that of the first layers, if another image has them, too, and cannot be used again.
    """
    blobs = image.blobs
    indexes = [blob.layer for blob in blobs]
    filesystem, owners_by_layer = (analysis or LayerAnalysis()).complete(indexes)
    return Image(
        reference=reference,
        image_id=image.image_id,
        platform=image.platform,
        layers=_measure_layers(image, filesystem.wasted_bytes, owners_by_layer, stages, base_image),
        compressed_exact=all(blob.is_exact for blob in blobs),
        filesystem_bytes=filesystem.filesystem_bytes,
        files=filesystem.file_count,
        read_method=image.read_method,
        revision=image.revision,
        compressed_error=_compute_size_error(blobs),
        wasted_files=filesystem.wasted_files,
        tree=filesystem.tree,
        layer_by_path=filesystem.layer_by_path,
        directories={path: entry for path, (entry, _) in filesystem.directories.items()},
        layer_by_directory={path: layer for path, (_, layer) in filesystem.directories.items()},
        hash_algorithm=indexes[0].hash_algorithm if indexes else HashAlgorithm.XXH3,
    )


def _measure_layers(
    image: ScannedImage,
    wasted_bytes: Sequence[int],
    owners_by_layer: Sequence[Mapping[OwnerKey, int]],
    stages: Sequence[Stage],
    base_image: BaseImage | None,
) -> tuple[Layer, ...]:
    blobs = image.blobs
    triggers = base_image.triggers if base_image else ()
    history = _match_layer_history(image.history, len(blobs), stages, triggers)
    first_own_layer = _find_first_own_layer(blobs, history, base_image, stages)
    base_instruction = stages[0].from_instruction if stages else None
    per_layer = zip(blobs, history, wasted_bytes, owners_by_layer, strict=True)
    return tuple(
        _measure_layer(
            blob,
            history_entry,
            base_instruction if index < first_own_layer else None,
            index=index,
            wasted_bytes=wasted,
            owners=owners,
        )
        for index, (blob, history_entry, wasted, owners) in enumerate(per_layer)
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
    """Return one layer; `base_instruction` is the `FROM` of a base image's layer, else None."""
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
    """Return the possible error of the summed compressed sizes, as a share of the sum.

    It is rounded to a millionth, less than any estimate's own precision, to hide rounding noise.
    """
    total = sum(blob.size for blob in blobs)
    return round(sum(blob.size * blob.size_error for blob in blobs) / total, 6) if total else 0.0


def _match_layer_history(
    history: Sequence[HistoryEntry],
    layer_count: int,
    stages: Sequence[Stage],
    base_triggers: Sequence[str],
) -> list[tuple[str, InstructionRef | None]]:
    """Return text and instruction of each layer; blank where the history is too short."""
    steps = list_build_steps(stages, base_triggers)
    matched = match_instructions([entry.created_by for entry in history], steps)
    layer_history = [
        (entry.created_by, instruction)
        for entry, instruction in zip(history, matched, strict=True)
        if not entry.is_empty_layer
    ]
    # A history may lack its beginning (squashed or imported bases), never its end.
    padding = [("", None)] * max(0, layer_count - len(layer_history))
    return [*padding, *layer_history][-layer_count:] if layer_count else []


def _find_first_own_layer(
    blobs: Sequence[Blob],
    history: Sequence[tuple[str, InstructionRef | None]],
    base_image: BaseImage | None,
    stages: Sequence[Stage],
) -> int:
    """Return the index of the first layer on top of the base image."""
    if not stages or stages[0].base_name == "scratch":
        return 0
    # The base's diff IDs are certain; a history without them only shows our instructions.
    if base_image is not None:
        base_layers = list(base_image.diff_ids)
        if [blob.layer.diff_id for blob in blobs[: len(base_layers)]] == base_layers:
            return len(base_layers)
    return next((i for i, (_, instruction) in enumerate(history) if instruction), len(blobs))
