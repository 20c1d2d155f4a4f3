"""The largest packages, folders and files of an image as JSON."""

from bot.model.largest_parts import Contents, PackageSize, PathSize
from bot.report.document.json_types import Document, JsonObject


def write_contents(contents: Contents | None) -> Document:
    """Write the field with the largest parts of an image; no field where they are unknown."""
    if contents is None:
        return {}
    packages = [
        {"kind": item.kind, "name": item.name, "version": item.version, "bytes": item.bytes}
        for item in contents.packages
    ]
    folders, files = map(_write_paths, (contents.folders, contents.files))
    return {"contents": {"packages": packages, "folders": folders, "files": files}}


def read_contents(image: JsonObject) -> Contents | None:
    """Read the largest parts of an image."""
    data = image.get("contents")
    if data is None:
        return None
    packages = tuple(
        PackageSize(item["kind"], item["name"], item["version"], int(item["bytes"]))
        for item in data["packages"]
    )
    return Contents(packages, _read_paths(data["folders"]), _read_paths(data["files"]))


def _write_paths(paths: tuple[PathSize, ...]) -> list[Document]:
    return [{"path": item.path, "files": item.files, "bytes": item.bytes} for item in paths]


def _read_paths(data: list[JsonObject]) -> tuple[PathSize, ...]:
    return tuple(PathSize(item["path"], int(item["files"]), int(item["bytes"])) for item in data)
