"""PHP's packages: the list that Composer writes into the folder it installs to."""

import posixpath
from collections.abc import Iterator
from typing import Any

from bot.image.packages.layer_files import LayerFiles, parse_string
from bot.image.packages.package import Package

_DATABASE_NAME = "installed.json"
ENDINGS = ("json",)
MAX_DATABASE_BYTES = 8 << 20


def is_database(path: str) -> bool:
    """Return True for Composer's list of installed packages."""
    return path.endswith(f"/composer/{_DATABASE_NAME}")


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield the packages with their folders; Composer 1 wrote a plain list, without folders."""
    for path in layer.find_named(_DATABASE_NAME):
        document = layer.read_json(path)
        entries = document.get("packages") if isinstance(document, dict) else document
        for metadata in entries if isinstance(entries, list) else ():
            if isinstance(metadata, dict) and (name := parse_string(metadata.get("name"))):
                folder = _resolve_install_path(posixpath.dirname(path), name, metadata)
                version = parse_string(metadata.get("version"))
                yield Package("other", name, version, directories=(layer.budget.count(folder),))


def _resolve_install_path(composer_folder: str, name: str, metadata: dict[str, Any]) -> str:
    install_path = parse_string(metadata.get("install-path")) or f"../{name}"
    # Composer 2 writes paths relative to its own folder; `/` keeps `..` inside of the image.
    return posixpath.normpath(posixpath.join("/", composer_folder, install_path)).lstrip("/")
