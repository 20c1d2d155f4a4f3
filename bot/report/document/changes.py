"""The changes of layers and files, the waste and the duplicates as JSON."""

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
from bot.report.document.json_types import Document, JsonObject, read_integer


def write_layer_effect(effect: LayerEffect) -> Document:
    """Write what a layer does to the bytes of lower layers."""
    # Names of fields stay as the first schema has them (`remark`, `class`, `written`, `how`), for
    # programs that read them; the code was renamed since.
    return {
        "remark": effect.kind.value,
        "layer": effect.affected_layer,
        "files": effect.files,
        "bytes": effect.bytes,
    }


def read_layer_effect(data: JsonObject) -> LayerEffect:
    """Read what a layer does to the bytes of lower layers."""
    return LayerEffect(
        kind=LayerEffectKind(data["remark"]),
        affected_layer=read_integer(data["layer"]),
        files=int(data["files"]),
        bytes=int(data["bytes"]),
    )


def write_layer_match(match: LayerMatch) -> Document:
    """Write a layer of one side with its counterpart on the other."""
    return {
        "class": match.kind.value,
        "base_index": match.base_index,
        "head_index": match.head_index,
    }


def read_layer_match(data: JsonObject) -> LayerMatch:
    """Read a layer of one side with its counterpart on the other."""
    return LayerMatch(
        kind=LayerChangeKind(data["class"]),
        base_index=read_integer(data["base_index"]),
        head_index=read_integer(data["head_index"]),
    )


def write_file_changes(changes: FileChanges | None) -> Document | None:
    """Write the files that differ, by the kind of change; null if they are unknown."""
    if changes is None:
        return None
    # Every kind, so that a reader need not tell none from unknown.
    tallies = {
        kind.value: _write_tally(changes.tallies.get(kind, Tally())) for kind in FileChangeKind
    }
    return {**tallies, "largest": [_write_file_group(group) for group in changes.largest]}


def read_file_changes(data: JsonObject | None) -> FileChanges | None:
    """Read the files that differ.

    A report of an older version may lack a kind of change.
    """
    if data is None:
        return None
    tallies = {kind: _read_tally(data[kind.value]) for kind in FileChangeKind if kind.value in data}
    return FileChanges(tallies, tuple(_read_file_group(group) for group in data["largest"]))


def write_waste_group(group: WasteGroup) -> Document:
    """Write files that one layer adds and a later one hides."""
    return {
        "written": group.shipping_layer,
        "hidden": group.hiding_layer,
        "how": group.cause.value,
        "path": group.path,
        "files": group.files,
        "bytes": group.bytes,
    }


def read_waste_group(data: JsonObject) -> WasteGroup:
    """Read files that one layer adds and a later one hides."""
    return WasteGroup(
        shipping_layer=int(data["written"]),
        hiding_layer=int(data["hidden"]),
        cause=WasteCause(data["how"]),
        path=data["path"],
        files=int(data["files"]),
        bytes=int(data["bytes"]),
    )


def write_duplicates(duplicates: Duplicates | None) -> Document | None:
    """Write the files that are in an image more than once; null if they are unknown."""
    if duplicates is None:
        return None
    return {
        "contents": duplicates.contents,
        "bytes": duplicates.bytes,
        "largest": [_write_duplicate_group(group) for group in duplicates.largest],
    }


def read_duplicates(data: JsonObject | None) -> Duplicates | None:
    """Read the files that are in an image more than once."""
    if data is None:
        return None
    return Duplicates(
        contents=int(data["contents"]),
        bytes=int(data["bytes"]),
        largest=tuple(_read_duplicate_group(group) for group in data["largest"]),
    )


def _write_duplicate_group(group: DuplicateGroup) -> Document:
    return {
        "files": group.files,
        "size": group.size,
        "copies": group.copies,
        "paths": list(group.paths),
        "layers": list(group.layers),
    }


def _read_duplicate_group(data: JsonObject) -> DuplicateGroup:
    return DuplicateGroup(
        files=int(data["files"]),
        size=int(data["size"]),
        copies=int(data["copies"]),
        paths=tuple(data["paths"]),
        layers=tuple(int(index) for index in data["layers"]),
    )


def _write_tally(tally: Tally) -> Document:
    return {"files": tally.files, "bytes": tally.bytes}


def _read_tally(data: JsonObject) -> Tally:
    return Tally(int(data["files"]), int(data["bytes"]))


def _write_file_group(group: FileGroup) -> Document:
    return {
        "class": group.kind.value,
        "path": group.path,
        "source": group.source,
        "files": group.files,
        "bytes": group.bytes,
    }


def _read_file_group(data: JsonObject) -> FileGroup:
    return FileGroup(
        kind=FileChangeKind(data["class"]),
        path=data["path"],
        files=int(data["files"]),
        bytes=int(data["bytes"]),
        source=data["source"],
    )
