"""Image archives that leave out the layers of another image.

A stand-in's archive holds its own layers alone: those below come with the stand-in that it is
built on, which is loaded first. `docker load` does not look into an archive for a layer that it
has, in both image stores. Whole, the archives would hold some layers fifteen times.
"""

import tarfile
from collections.abc import Collection
from pathlib import Path


def copy_without_layers(archive: Path, layers: Collection[str], target: Path) -> None:
    """Copy an archive without the given layers (diff IDs, `sha256:…`)."""
    left_out = {f"blobs/{layer.replace(':', '/')}" for layer in layers}
    with tarfile.open(archive) as whole, tarfile.open(target, "w") as thin:
        for member in whole:
            if member.name not in left_out:
                thin.addfile(member, whole.extractfile(member) if member.isreg() else None)
