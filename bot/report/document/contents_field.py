"""The largest packages, folders and files of an image or a layer as JSON."""

from collections.abc import Iterable

from bot.model.largest_parts import Contents, PackageSize, PathSize
from bot.report.document.json_types import Document, JsonObject


def write_contents(contents: Contents | None) -> Document:
    """Write the field with the largest parts of an image; no field where they are unknown."""
    if contents is None:
        return {}
    packages = _write_packages(contents.packages)
    folders, files = map(_write_paths, (contents.folders, contents.files))
    return {"contents": {"packages": packages, "folders": folders, "files": files}}


def read_contents(image: JsonObject) -> Contents | None:
    """Read the largest parts of an image."""
    data = image.get("contents")
    if data is None:
        return None
    packages = read_packages(data["packages"])
    return Contents(packages, _read_paths(data["folders"]), _read_paths(data["files"]))


def write_owners(owners: tuple[PackageSize, ...]) -> Document:
    """Write the field with the largest parts of a layer; no field where they are unknown."""
    return {"owners": _write_packages(owners)} if owners else {}


def read_packages(data: Iterable[JsonObject]) -> tuple[PackageSize, ...]:
    """Read packages with their sizes."""
    return tuple(
        PackageSize(item["kind"], item["name"], item["version"], int(item["bytes"]))
        for item in data
    )


def _write_packages(packages: tuple[PackageSize, ...]) -> list[Document]:
    return [
        {"kind": item.kind, "name": item.name, "version": item.version, "bytes": item.bytes}
        for item in packages
    ]


def _write_paths(paths: tuple[PathSize, ...]) -> list[Document]:
    return [{"path": item.path, "files": item.files, "bytes": item.bytes} for item in paths]


def _read_paths(data: list[JsonObject]) -> tuple[PathSize, ...]:
    return tuple(PathSize(item["path"], int(item["files"]), int(item["bytes"])) for item in data)
