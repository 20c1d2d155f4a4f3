"""PHP's packages: what Composer notes in the folder that it installs to."""

import posixpath
from collections.abc import Iterator
from typing import Any

from bot.image.packages.layer_files import Evidence, as_text
from bot.image.packages.package import Package

_NAME = "installed.json"
ENDINGS = ("json",)
MAX_SIZE = 8 << 20


def wants(path: str) -> bool:
    """Whether a file is Composer's."""
    return path.endswith(f"/composer/{_NAME}")


def packages(layer: Evidence) -> Iterator[Package]:
    """The packages by their folders; Composer 1 wrote a plain list, and no folders."""
    for path in layer.named(_NAME):
        document = layer.json(path)
        listed = document.get("packages") if isinstance(document, dict) else document
        for about in listed if isinstance(listed, list) else ():
            if isinstance(about, dict) and (name := as_text(about.get("name"))):
                folder = _folder(posixpath.dirname(path), name, about)
                version = as_text(about.get("version"))
                yield Package("other", name, version, directories=(folder,))


def _folder(composer: str, name: str, about: dict[str, Any]) -> str:
    place = as_text(about.get("install-path")) or f"../{name}"
    return posixpath.normpath(posixpath.join("/", composer, place)).lstrip("/")
