"""What is in an image, read by the standard library alone: the measure that ours is held against."""

import json
import tarfile
from pathlib import Path

from tests.support.engine import PrivateEngine


def layers_of(engine: PrivateEngine, image: str, folder: Path) -> list[dict[str, int]]:
    """For each layer the sizes in bytes of its regular files, by name."""
    archive = folder / "image.tar"
    engine.docker("save", "--output", str(archive), image)
    with tarfile.open(archive) as outer:
        (entry,) = json.load(outer.extractfile("manifest.json"))  # type: ignore[arg-type]
        return [_files(outer, name) for name in entry["Layers"]]


def unpack(archive: Path, folder: Path) -> Path:
    """Write the regular files of an archive below a folder.

    `extractall(filter=...)` came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    with tarfile.open(archive) as tar:
        for member in tar:
            if content := tar.extractfile(member):
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    return folder


def _files(outer: tarfile.TarFile, name: str) -> dict[str, int]:
    with tarfile.open(fileobj=outer.extractfile(name)) as layer:
        return {member.name.removeprefix("./"): member.size for member in layer if member.isreg()}
