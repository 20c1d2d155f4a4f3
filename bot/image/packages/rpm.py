"""Packages of Fedora, RHEL and SUSE: rpm's database in SQLite or in rpm's own ndb format.

Databases in Berkeley DB's format (rpm before 4.16, `Packages` without a suffix) are not read: the
files of their packages are shown by directory.
"""

import struct
from collections.abc import Iterator
from itertools import islice

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package
from bot.image.packages.path_budget import PathBudget
from bot.image.packages.rpm_header import RpmHeader
from bot.image.packages.sqlite_table import read_blobs

ENDINGS = ("sqlite", "db")
MAX_DATABASE_BYTES = 64 << 20
DATABASE_FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
_SQLITE_NAME, _NDB_NAME = "rpmdb.sqlite", "Packages.db"
_SQLITE_TABLE = "Packages"

_MAX_PACKAGES = 20_000
# The layout of rpm's lib/backend/ndb/rpmpkg.c: pages of slots, then blobs, each with a header.
_PAGE_BYTES = 4096
_SLOT_STRUCT, _SLOT_MAGIC = struct.Struct("<4s3I"), b"Slot"
_BLOB_STRUCT, _BLOB_MAGIC = struct.Struct("<4s3I"), b"BlbS"
_BLOB_UNIT_BYTES = 16  # slots count a blob's offset in these


def is_database(path: str) -> bool:
    """Return True for a database of rpm."""
    in_folder = any(path.startswith(f"{folder}/") for folder in DATABASE_FOLDERS)
    return in_folder and path.endswith((f"/{_SQLITE_NAME}", f"/{_NDB_NAME}"))


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """Yield the packages, with all their files: rpm keeps them in one database."""
    for path in layer.find_named(_SQLITE_NAME):
        blobs = islice(read_blobs(layer.contents[path], _SQLITE_TABLE), _MAX_PACKAGES)
        yield from _parse_headers(blobs, layer.budget)
    for path in layer.find_named(_NDB_NAME):
        yield from _parse_headers(_read_ndb(layer.contents[path]), layer.budget)


def _parse_headers(blobs: Iterator[bytes], budget: PathBudget) -> Iterator[Package]:
    for blob in blobs:
        header = RpmHeader(blob)
        if header.name:
            yield Package("rpm", header.name, header.version, header.read_files(budget))


def _read_ndb(content: bytes) -> Iterator[bytes]:
    """Yield the header of each slot; the first two slots are the file's own header.

    Slots of a hostile file may overlap; all headers together are no longer than the file.
    """
    remaining = len(content)
    slot_bytes = _SLOT_STRUCT.size
    is_database = content.startswith(b"RpmP") and len(content) > slot_bytes
    # The fourth field of the file's header is the number of pages with slots.
    pages = struct.unpack_from("<I", content, 12)[0] if is_database else 0
    slots = content[2 * slot_bytes : min(pages * _PAGE_BYTES, _MAX_PACKAGES * slot_bytes)]
    whole_slots = slots[: len(slots) // slot_bytes * slot_bytes]
    for magic, number, offset_units, _ in _SLOT_STRUCT.iter_unpack(whole_slots):
        start = offset_units * _BLOB_UNIT_BYTES
        if magic == _SLOT_MAGIC and number and start + _BLOB_STRUCT.size <= len(content):
            blob_magic, owner, _, size = _BLOB_STRUCT.unpack_from(content, start)
            start += _BLOB_STRUCT.size
            remaining -= size
            if blob_magic == _BLOB_MAGIC and owner == number and remaining >= 0:
                yield content[start : start + size]
