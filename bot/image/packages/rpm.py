"""Packages of Fedora, RHEL, SUSE: rpm's database, where it is SQLite or rpm's own ndb.

Databases in Berkeley DB's format (rpm before 4.16, `Packages` without a suffix) are not read: what
they name is shown by directory.
"""

import contextlib
import sqlite3
import struct
from collections.abc import Iterator

from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.package import Package
from bot.image.packages.rpm_header import RpmHeader

ENDINGS = ("sqlite", "db")
MAX_DATABASE_BYTES = 64 << 20
_DATABASE_FOLDERS = ("var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/")
_SQLITE_NAME, _NDB_NAME = "rpmdb.sqlite", "Packages.db"

_MAX_PACKAGES = 20_000
_MAX_SQLITE_STEPS = 5_000_000  # of SQLite's machine; a real database takes a few for each package
_PAGE_BYTES = 4096
_SLOT_STRUCT, _SLOT_MAGIC = struct.Struct("<4s3I"), b"Slot"
_BLOB_STRUCT, _BLOB_MAGIC = struct.Struct("<4s3I"), b"BlbS"
_BLOB_UNIT_BYTES = 16  # of a blob's place, in bytes
_JOURNAL_MODE_SLICE = slice(
    18, 20
)  # of SQLite's file header: 1 for a journal, 2 for a log in another file


def is_database(path: str) -> bool:
    """Whether a file names packages."""
    return path.startswith(_DATABASE_FOLDERS) and path.endswith(
        ("/" + _SQLITE_NAME, "/" + _NDB_NAME)
    )


def read_packages(layer: LayerFiles) -> Iterator[Package]:
    """The packages, each with all its files: rpm keeps them in one database."""
    for path in layer.find_named(_SQLITE_NAME):
        yield from _parse_headers(_read_sqlite(layer.contents[path]))
    for path in layer.find_named(_NDB_NAME):
        yield from _parse_headers(_read_ndb(layer.contents[path]))


def _parse_headers(blobs: Iterator[bytes]) -> Iterator[Package]:
    for blob in blobs:
        header = RpmHeader(blob)
        if header.name:
            yield Package("rpm", header.name, header.version, header.files)


def _read_sqlite(content: bytes) -> Iterator[bytes]:
    """A row for each package. A hostile schema can make a query endless, so its steps are counted."""
    database = bytearray(content)
    database[_JOURNAL_MODE_SLICE] = b"\x01\x01"
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.set_progress_handler(lambda: 1, _MAX_SQLITE_STEPS)
        try:
            connection.deserialize(bytes(database))
            rows = connection.execute("SELECT blob FROM Packages LIMIT ?", [_MAX_PACKAGES])
            yield from (blob for (blob,) in rows if isinstance(blob, bytes))
        except sqlite3.Error:
            return


def _read_ndb(content: bytes) -> Iterator[bytes]:
    """Pages of slots, each the place of a package's header; the first two slots are the file's own."""
    pages = struct.unpack_from("<I", content, 12)[0] if content[:4] == b"RpmP" else 0
    slots = content[
        2 * _SLOT_STRUCT.size : min(pages * _PAGE_BYTES, _MAX_PACKAGES * _SLOT_STRUCT.size)
    ]
    for magic, number, place, _ in _SLOT_STRUCT.iter_unpack(
        slots[: len(slots) // _SLOT_STRUCT.size * _SLOT_STRUCT.size]
    ):
        start = place * _BLOB_UNIT_BYTES
        if magic == _SLOT_MAGIC and number and start + _BLOB_STRUCT.size <= len(content):
            found, owner, _, size = _BLOB_STRUCT.unpack_from(content, start)
            if found == _BLOB_MAGIC and owner == number:
                yield content[start + _BLOB_STRUCT.size :][:size]
