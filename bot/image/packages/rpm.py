"""Packages of Fedora, RHEL, SUSE: rpm's database, where it is SQLite or rpm's own ndb.

Databases in Berkeley DB's format (rpm before 4.16, `Packages` without a suffix) are not read: what
they name is shown by directory.
"""

import contextlib
import sqlite3
import struct
from collections.abc import Iterator

from bot.image.packages.layer_files import Evidence
from bot.image.packages.package import Package
from bot.image.packages.rpm_header import Header

ENDINGS = ("sqlite", "db")
MAX_SIZE = 64 << 20
_FOLDERS = ("var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/")
_SQLITE, _NDB = "rpmdb.sqlite", "Packages.db"

_MAX_PACKAGES = 20_000
_MAX_STEPS = 5_000_000  # of SQLite's machine; a real database takes a few for each package
_PAGE = 4096
_SLOT, _SLOT_MAGIC = struct.Struct("<4s3I"), b"Slot"
_BLOB, _BLOB_MAGIC = struct.Struct("<4s3I"), b"BlbS"
_UNIT = 16  # of a blob's place, in bytes
_JOURNAL = slice(18, 20)  # of SQLite's file header: 1 for a journal, 2 for a log in another file


def wants(path: str) -> bool:
    """Whether a file names packages."""
    return path.startswith(_FOLDERS) and path.endswith(("/" + _SQLITE, "/" + _NDB))


def packages(layer: Evidence) -> Iterator[Package]:
    """The packages, each with all its files: rpm keeps them in one database."""
    for path in layer.named(_SQLITE):
        yield from _read(_in_sqlite(layer.contents[path]))
    for path in layer.named(_NDB):
        yield from _read(_in_ndb(layer.contents[path]))


def _read(blobs: Iterator[bytes]) -> Iterator[Package]:
    for blob in blobs:
        header = Header(blob)
        if header.name:
            yield Package("rpm", header.name, header.version, header.files)


def _in_sqlite(content: bytes) -> Iterator[bytes]:
    """A row for each package. A hostile schema can make a query endless, so its steps are counted."""
    database = bytearray(content)
    database[_JOURNAL] = b"\x01\x01"
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.set_progress_handler(lambda: 1, _MAX_STEPS)
        try:
            connection.deserialize(bytes(database))
            rows = connection.execute("SELECT blob FROM Packages LIMIT ?", [_MAX_PACKAGES])
            yield from (blob for (blob,) in rows if isinstance(blob, bytes))
        except sqlite3.Error:
            return


def _in_ndb(content: bytes) -> Iterator[bytes]:
    """Pages of slots, each the place of a package's header; the first two slots are the file's own."""
    pages = struct.unpack_from("<I", content, 12)[0] if content[:4] == b"RpmP" else 0
    slots = content[2 * _SLOT.size : min(pages * _PAGE, _MAX_PACKAGES * _SLOT.size)]
    for magic, number, place, _ in _SLOT.iter_unpack(
        slots[: len(slots) // _SLOT.size * _SLOT.size]
    ):
        start = place * _UNIT
        if magic == _SLOT_MAGIC and number and start + _BLOB.size <= len(content):
            found, owner, _, size = _BLOB.unpack_from(content, start)
            if found == _BLOB_MAGIC and owner == number:
                yield content[start + _BLOB.size :][:size]
