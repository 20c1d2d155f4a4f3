"""What a comparison brings to light, as JSON: each noun is written and read side by side."""

from collections.abc import Mapping
from typing import Any

from bot.model.changes import (
    DuplicateGroup,
    Duplicates,
    FileChangeKind,
    FileChanges,
    FileGroup,
    LayerChangeKind,
    LayerEffect,
    LayerEffectKind,
    LayerMatch,
    Tally,
    WasteGroup,
)
from bot.model.files import WasteCause

Document = dict[str, Any]
JsonObject = Mapping[str, Any]


def write_layer_effect(effect: LayerEffect) -> Document:
    """A remark on a row of the attribution."""
    return {
        "remark": effect.kind.value,
        "layer": effect.affected_layer,
        "files": effect.files,
        "bytes": effect.bytes,
    }


def read_layer_effect(data: JsonObject) -> LayerEffect:
    """The remark that was written."""
    layer = data["layer"]
    index = None if layer is None else int(layer)
    return LayerEffect(
        LayerEffectKind(data["remark"]), index, int(data["files"]), int(data["bytes"])
    )


def write_layer_match(match: LayerMatch) -> Document:
    """What became of a layer."""
    return {
        "class": match.kind.value,
        "base_index": match.base_index,
        "head_index": match.head_index,
    }


def read_layer_match(data: JsonObject) -> LayerMatch:
    """The match that was written."""
    sides = (data["base_index"], data["head_index"])
    base, head = (None if index is None else int(index) for index in sides)
    return LayerMatch(LayerChangeKind(data["class"]), base, head)


def write_file_changes(changes: FileChanges | None) -> Document | None:
    """The files that differ, by class."""
    if changes is None:
        return None
    tallies = {kind: changes.tallies.get(kind, Tally()) for kind in FileChangeKind}
    counted = {kind.value: {"files": x.files, "bytes": x.bytes} for kind, x in tallies.items()}
    return counted | {"largest": [_write_group(group) for group in changes.largest]}


def read_file_changes(data: JsonObject | None) -> FileChanges | None:
    """The changes that were written."""
    if data is None:
        return None
    tallies = {
        kind: Tally(int(data[kind.value]["files"]), int(data[kind.value]["bytes"]))
        for kind in FileChangeKind
        if kind.value in data
    }
    return FileChanges(tallies, tuple(_read_group(group) for group in data["largest"]))


def write_waste_group(group: WasteGroup) -> Document:
    """Files that one layer ships and another hides."""
    return {
        "written": group.shipping_layer,
        "hidden": group.hiding_layer,
        "how": group.cause.value,
        "path": group.path,
        "files": group.files,
        "bytes": group.bytes,
    }


def read_waste_group(data: JsonObject) -> WasteGroup:
    """The waste that was written."""
    return WasteGroup(
        shipping_layer=int(data["written"]),
        hiding_layer=int(data["hidden"]),
        cause=WasteCause(data["how"]),
        path=data["path"],
        files=int(data["files"]),
        bytes=int(data["bytes"]),
    )


def write_duplicates(duplicates: Duplicates | None) -> Document | None:
    """What is shipped more than once."""
    if duplicates is None:
        return None
    return {
        "contents": duplicates.contents,
        "bytes": duplicates.bytes,
        "largest": [
            {
                "files": group.files,
                "size": group.size,
                "copies": group.copies,
                "paths": list(group.paths),
                "layers": list(group.layers),
            }
            for group in duplicates.largest
        ],
    }


def read_duplicates(data: JsonObject | None) -> Duplicates | None:
    """The duplicates that were written."""
    if data is None:
        return None
    largest = tuple(
        DuplicateGroup(
            files=int(group["files"]),
            size=int(group["size"]),
            copies=int(group["copies"]),
            paths=tuple(group["paths"]),
            layers=tuple(int(index) for index in group["layers"]),
        )
        for group in data["largest"]
    )
    return Duplicates(int(data["contents"]), int(data["bytes"]), largest)


def _write_group(group: FileGroup) -> Document:
    return {
        "class": group.kind.value,
        "path": group.path,
        "source": group.source,
        "files": group.files,
        "bytes": group.bytes,
    }


def _read_group(data: JsonObject) -> FileGroup:
    return FileGroup(
        kind=FileChangeKind(data["class"]),
        path=data["path"],
        files=int(data["files"]),
        bytes=int(data["bytes"]),
        source=data["source"],
    )
