"""What a comparison brings to light, as JSON: each noun is written and read side by side."""

from collections.abc import Mapping
from typing import Any

from bot.model.changes import (
    DuplicateGroup,
    Duplicates,
    FileChanges,
    FileClass,
    FileGroup,
    LayerClass,
    LayerMatch,
    Note,
    Remark,
    Tally,
    WasteGroup,
)
from bot.model.files import Hidden

Document = dict[str, Any]
Given = Mapping[str, Any]


def write_note(note: Note) -> Document:
    """A remark on a row of the attribution."""
    return {
        "remark": note.remark.value,
        "layer": note.layer,
        "files": note.files,
        "bytes": note.bytes,
    }


def read_note(given: Given) -> Note:
    """The remark that was written."""
    layer = given["layer"]
    index = None if layer is None else int(layer)
    return Note(Remark(given["remark"]), index, int(given["files"]), int(given["bytes"]))


def write_match(match: LayerMatch) -> Document:
    """What became of a layer."""
    return {
        "class": match.kind.value,
        "base_index": match.base_index,
        "head_index": match.head_index,
    }


def read_match(given: Given) -> LayerMatch:
    """The match that was written."""
    sides = (given["base_index"], given["head_index"])
    base, head = (None if index is None else int(index) for index in sides)
    return LayerMatch(LayerClass(given["class"]), base, head)


def write_files(changes: FileChanges | None) -> Document | None:
    """The files that differ, by class."""
    if changes is None:
        return None
    tallies = {kind: changes.tallies.get(kind, Tally()) for kind in FileClass}
    counted = {kind.value: {"files": x.files, "bytes": x.bytes} for kind, x in tallies.items()}
    return counted | {"largest": [_write_group(group) for group in changes.largest]}


def read_files(given: Given | None) -> FileChanges | None:
    """The changes that were written."""
    if given is None:
        return None
    tallies = {
        kind: Tally(int(given[kind.value]["files"]), int(given[kind.value]["bytes"]))
        for kind in FileClass
        if kind.value in given
    }
    return FileChanges(tallies, tuple(_read_group(group) for group in given["largest"]))


def write_waste(group: WasteGroup) -> Document:
    """Files that one layer ships and another hides."""
    return {
        "written": group.written,
        "hidden": group.hidden,
        "how": group.how.value,
        "path": group.path,
        "files": group.files,
        "bytes": group.bytes,
    }


def read_waste(given: Given) -> WasteGroup:
    """The waste that was written."""
    return WasteGroup(
        written=int(given["written"]),
        hidden=int(given["hidden"]),
        how=Hidden(given["how"]),
        path=given["path"],
        files=int(given["files"]),
        bytes=int(given["bytes"]),
    )


def write_duplicates(found: Duplicates | None) -> Document | None:
    """What is shipped more than once."""
    if found is None:
        return None
    return {
        "contents": found.contents,
        "bytes": found.bytes,
        "largest": [
            {
                "files": group.files,
                "size": group.size,
                "copies": group.copies,
                "paths": list(group.paths),
                "layers": list(group.layers),
            }
            for group in found.largest
        ],
    }


def read_duplicates(given: Given | None) -> Duplicates | None:
    """The duplicates that were written."""
    if given is None:
        return None
    largest = tuple(
        DuplicateGroup(
            files=int(group["files"]),
            size=int(group["size"]),
            copies=int(group["copies"]),
            paths=tuple(group["paths"]),
            layers=tuple(int(index) for index in group["layers"]),
        )
        for group in given["largest"]
    )
    return Duplicates(int(given["contents"]), int(given["bytes"]), largest)


def _write_group(group: FileGroup) -> Document:
    return {
        "class": group.kind.value,
        "path": group.path,
        "source": group.source,
        "files": group.files,
        "bytes": group.bytes,
    }


def _read_group(given: Given) -> FileGroup:
    return FileGroup(
        kind=FileClass(given["class"]),
        path=given["path"],
        files=int(given["files"]),
        bytes=int(given["bytes"]),
        source=given["source"],
    )
