"""What Git LFS writes to a clone, without git-lfs."""

import hashlib
from pathlib import Path

from tests.support.repository import Repository


def make_pointer(content: bytes) -> str:
    """Return the text that git stores in place of a content."""
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def install_lfs(repository: Repository) -> None:
    """Write what actions/checkout with `lfs: true` leaves in the configuration."""
    for key, value in {
        "clean": "git-lfs clean -- %f",
        "smudge": "git-lfs smudge -- %f",
        "process": "git-lfs filter-process",
        "required": "true",
    }.items():
        repository.git("config", f"filter.lfs.{key}", value)


def keep_object(repository: Repository, content: bytes) -> Path:
    """Write an object to the clone's own LFS store."""
    oid = hashlib.sha256(content).hexdigest()
    path = repository.path / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path
