"""The tree of an image's bytes as JSON: a flat list, in which each part names the one above it.

A list without nesting, since a document is not trusted: no depth of it can exhaust a reader.
"""

from bot.model.size_parts import PartKind, SizePart, SizeTree
from bot.report.document.json_types import Document, JsonObject, read_integer

_MAX_DEPTH = 100  # folders in folders, for whatever goes through a tree by recursion


def write_size_tree(tree: SizeTree | None) -> Document:
    """Write the field with the tree; no field where an image has none."""
    if tree is None:
        return {}
    return {
        "size_tree": {
            "layers": _write_parts(tree.layers),
            "packages": _write_parts(tree.packages),
        }
    }


def read_size_tree(image: JsonObject) -> SizeTree | None:
    """Read the tree of an image; ValueError if its parts do not form one, or do not add up."""
    data = image.get("size_tree")
    if data is None:
        return None
    return SizeTree(_read_parts(data["layers"]), _read_parts(data["packages"]))


def _write_parts(parts: tuple[SizePart, ...]) -> list[Document]:
    rows: list[Document] = []
    # Without recursion, and each part before those in it, as the reader demands.
    pending: list[tuple[SizePart, int | None]] = [(part, None) for part in reversed(parts)]
    while pending:
        part, parent = pending.pop()
        pending += [(child, len(rows)) for child in reversed(part.parts)]
        rows.append(_write_part(part, parent))
    return rows


def _write_part(part: SizePart, parent: int | None) -> Document:
    row: Document = {"kind": part.kind.value, "name": part.name, "bytes": part.bytes}
    if part.files:
        row["files"] = part.files
    if part.index is not None:
        row["layer"] = part.index
    if parent is not None:
        row["parent"] = parent
    return row


def _read_parts(rows: list[JsonObject]) -> tuple[SizePart, ...]:
    """Build the parts from the last to the first, so that each has its children before itself."""
    _check_depth(rows)
    children: list[list[SizePart]] = [[] for _ in rows]
    top: list[SizePart] = []
    for position in range(len(rows) - 1, -1, -1):
        part = _read_part(rows[position], tuple(reversed(children[position])))
        parent = read_integer(rows[position].get("parent"))
        (top if parent is None else children[parent]).append(part)
    return tuple(reversed(top))


def _read_part(row: JsonObject, parts: tuple[SizePart, ...]) -> SizePart:
    size = int(row["bytes"])
    # A treemap draws parts as shares of the whole: with another sum, areas would lie.
    if parts and sum(part.bytes for part in parts) != size:
        raise ValueError(f"the parts of {row['name'][:80]!r} do not add up to its {size} bytes")
    return SizePart(
        PartKind(row["kind"]),
        row["name"],
        size,
        int(row.get("files", 0)),
        parts,
        read_integer(row.get("layer")),
    )


def _check_depth(rows: list[JsonObject]) -> None:
    depths: list[int] = []
    for position, row in enumerate(rows):
        parent = read_integer(row.get("parent"))
        if parent is not None and parent >= position:
            raise ValueError("a part of an image comes before the one that it is in")
        depths.append(0 if parent is None else depths[parent] + 1)
        if depths[-1] > _MAX_DEPTH:
            raise ValueError(f"the parts of an image are more than {_MAX_DEPTH} levels deep")
