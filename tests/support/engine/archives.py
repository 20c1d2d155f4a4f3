"""Image archives that leave out the layers of another image.

A stand-in's archive holds its own layers alone: those below come with the stand-in that it is
built on, which is loaded first. `docker load` does not look into an archive for a layer that it
has, in both image stores. Whole, the archives would hold some layers fifteen times.
"""

import json
import tarfile
from collections.abc import Collection
from pathlib import Path
from typing import IO


def copy_without_layers(archive: Path, layers: Collection[str], target: Path) -> None:
    """Copy an archive without the given layers (diff IDs, `sha256:…`)."""
    left_out = {f"blobs/{layer.replace(':', '/')}" for layer in layers}
    with tarfile.open(archive) as whole, tarfile.open(target, "w") as thin:
        for member in whole:
            if member.name not in left_out:
                thin.addfile(member, whole.extractfile(member) if member.isreg() else None)


def read_layers(archive: Path) -> list[str]:
    """Return the diff IDs of an archive's image, with those of the layers that it leaves out."""
    with tarfile.open(archive) as tar:
        (manifest, *_) = json.load(_open_member(tar, "manifest.json"))
        configuration = json.load(_open_member(tar, manifest["Config"]))
    layers: list[str] = configuration["rootfs"]["diff_ids"]
    return layers


def _open_member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    member = tar.extractfile(name)
    assert member, f"{name} is no file"
    return member
