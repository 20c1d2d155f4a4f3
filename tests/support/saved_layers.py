"""The files of an image, read by the standard library alone, to compare ours with."""

import json
import tarfile
from pathlib import Path

from tests.support.engine import PrivateEngine


def read_layer_files(engine: PrivateEngine, image: str, folder: Path) -> list[dict[str, int]]:
    """Return each layer's regular files: name to size in bytes."""
    archive = folder / "image.tar"
    engine.docker("save", "--output", str(archive), image)
    with tarfile.open(archive) as outer:
        (entry,) = json.load(outer.extractfile("manifest.json"))  # type: ignore[arg-type]
        return [_files(outer, name) for name in entry["Layers"]]


def _files(outer: tarfile.TarFile, name: str) -> dict[str, int]:
    with tarfile.open(fileobj=outer.extractfile(name)) as layer:
        return {member.name.removeprefix("./"): member.size for member in layer if member.isreg()}
