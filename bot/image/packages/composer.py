"""PHP's packages: what Composer notes in the folder that it installs to."""

import posixpath
from collections.abc import Iterator
from typing import Any

from bot.image.packages.layer_files import LayerFiles, parse_string
from bot.image.packages.package import Package

_DATABASE_NAME = "installed.json"
ENDINGS = ("json",)
MAX_DATABASE_BYTES = 8 << 20


def is_database(path: str) -> bool:
    """Whether a file is Composer's."""
    return path.endswith(f"/composer/{_DATABASE_NAME}")


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """The packages by their folders; Composer 1 wrote a plain list, and no folders."""
    for path in layer.find_named(_DATABASE_NAME):
        document = layer.read_json(path)
        listed = document.get("packages") if isinstance(document, dict) else document
        for about in listed if isinstance(listed, list) else ():
            if isinstance(about, dict) and (name := parse_string(about.get("name"))):
                folder = _resolve_install_path(posixpath.dirname(path), name, about)
                version = parse_string(about.get("version"))
                yield Package("other", name, version, directories=(folder,))


def _resolve_install_path(composer_folder: str, name: str, metadata: dict[str, Any]) -> str:
    place = parse_string(metadata.get("install-path")) or f"../{name}"
    return posixpath.normpath(posixpath.join("/", composer_folder, place)).lstrip("/")
