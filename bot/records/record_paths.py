"""The places of records: one file for each image of a commit, below the month of the commit.

No two writers write the same file, unless they measure the same image of the same commit. A month
is a folder, so that old ones can be removed with one command. What a record leaves out of its
layers is in another file, by the digest of its content: equal ones are one.
"""

import hashlib
import re
from typing import NamedTuple

from bot.records.record import ImageKey, Record

# Commits of git's SHA-1 and of its SHA-256 format; the image is `digest_key` of its name and
# platform.
_PATH = re.compile(
    r"records/(?P<month>[0-9]{4}-[0-9]{2})/(?P<commit>[0-9a-f]{40}|[0-9a-f]{64})"
    r"/(?P<image>[0-9a-f]{16})\.json"
)
_DIGEST_CHARACTERS = 16


class RecordPath(NamedTuple):
    """The parts of a path; `image` is the digest of the image's key."""

    path: str
    month: str
    commit: str
    image: str


def digest_key(key: ImageKey) -> str:
    """Return a digest of a key, which is a plain file name."""
    # No name holds a NUL, so two keys never give one text.
    text = f"{key.name}\0{key.platform}"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:_DIGEST_CHARACTERS]


def make_path(record: Record) -> str:
    """Return the path of a record."""
    return f"records/{record.date[:7]}/{record.commit}/{digest_key(record.key)}.json"


def make_detail_path(record: Record) -> str:
    """Return the path of the file with the rest of a record's image; it is no path of a record."""
    digest = record.build.detail.partition(":")[2] if record.build else ""
    return f"layers/{record.date[:7]}/{digest}"


def split_path(path: str) -> RecordPath | None:
    """Return the parts of a path; None for a file that is no record."""
    match = _PATH.fullmatch(path)
    return RecordPath(path, match["month"], match["commit"], match["image"]) if match else None
