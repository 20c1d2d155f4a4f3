"""From an archive to a measured image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.image.archives.blob import Blob
from bot.image.archives.image_config import History
from bot.image.archives.manifest_resolver import Archive
from bot.image.build_history import match_instructions
from bot.image.filesystem.layer_owners import by_owner
from bot.image.filesystem.union import add_up
from bot.model.files import Identity, OwnerKey
from bot.model.image import Image, Instruction, Layer

if TYPE_CHECKING:  # to import it takes longer than to measure a small image
    from bot.dockerfile.stages import Stage


def measure(
    archive: Archive,
    reference: str,
    stages: Sequence[Stage] = (),
    base_layers: Sequence[str] | None = None,
) -> Image:
    """The sizes of an image, layer by layer.

    `stages` are those that ship, the one on the foreign base first: they give each layer its line.
    `base_layers` are the diff IDs of the foreign base where they are known.
    """
    blobs = archive.blobs
    indexes = [blob.layer for blob in blobs]
    system = add_up(indexes)
    history = _layer_history(archive.history, len(blobs), stages)
    own_from = _first_own(blobs, history, base_layers, stages)
    origin = stages[0].origin if stages else None
    shares = zip(blobs, history, system.wasted_bytes, by_owner(indexes), strict=True)
    layers = tuple(
        _layer(
            blob,
            source,
            origin if index < own_from else None,
            index=index,
            wasted=wasted,
            owners=owners,
        )
        for index, (blob, source, wasted, owners) in enumerate(shares)
    )
    return Image(
        reference=reference,
        image_id=archive.image_id,
        platform=archive.platform,
        layers=layers,
        compressed_exact=all(blob.exact for blob in blobs),
        filesystem_bytes=system.filesystem_bytes,
        files=system.files,
        way=archive.way,
        compressed_error=_error(blobs),
        wastes=system.wastes,
        tree=system.tree,
        origins=system.origins,
        directories={path: entry for path, (entry, _) in system.directories.items()},
        directory_origins={path: layer for path, (_, layer) in system.directories.items()},
        identity=indexes[0].identity if indexes else Identity.XXH3,
    )


def _layer(
    blob: Blob,
    source: tuple[str, Instruction | None],
    origin: Instruction | None,
    *,
    index: int,
    wasted: int,
    owners: Mapping[OwnerKey, int],
) -> Layer:
    """One layer; `origin` is the `FROM` that brought it, None for a layer of the Dockerfile's own."""
    scanned = blob.layer
    return Layer(
        index=index,
        diff_id=scanned.diff_id,
        unpacked_bytes=scanned.unpacked_bytes,
        compressed_bytes=blob.size,
        files=scanned.files,
        created_by=source[0],
        content_id=scanned.content_id,
        wasted_bytes=wasted,
        owners=owners,
        instruction=origin or source[1],
        from_base_image=origin is not None,
        compressed_error=blob.error,
    )


def _error(blobs: Sequence[Blob]) -> float:
    """How far the sum of the blobs' sizes may be off, as a share of it: as if all erred one way.

    A millionth is more than any guess knows of itself; what follows are the sums' own roundings.
    """
    total = sum(blob.size for blob in blobs)
    return round(sum(blob.size * blob.error for blob in blobs) / total, 6) if total else 0.0


def _layer_history(
    history: Sequence[History], layers: int, stages: Sequence[Stage]
) -> list[tuple[str, Instruction | None]]:
    """For each layer the text and the instruction that made it; blank where history is too short."""
    instructions = [instruction for stage in stages for instruction in stage.instructions]
    matched = match_instructions([entry.created_by for entry in history], instructions)
    told = [
        (entry.created_by, instruction)
        for entry, instruction in zip(history, matched, strict=True)
        if not entry.empty
    ]
    # A history may lack its beginning (squashed or imported bases), never its end.
    missing: list[tuple[str, Instruction | None]] = [("", None)] * max(0, layers - len(told))
    return [*missing, *told][-layers:] if layers else []


def _first_own(
    blobs: Sequence[Blob],
    history: Sequence[tuple[str, Instruction | None]],
    base_layers: Sequence[str] | None,
    stages: Sequence[Stage],
) -> int:
    """The index of the first layer that the Dockerfile added on top of its base image."""
    if not stages or stages[0].base == "scratch":
        return 0
    if base_layers is not None:
        diff_ids = [blob.layer.diff_id for blob in blobs]
        if diff_ids[: len(base_layers)] == list(base_layers):
            return len(base_layers)
    return next((i for i, (_, instruction) in enumerate(history) if instruction), len(blobs))
