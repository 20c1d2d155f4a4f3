"""Packages of rpm's distributions, from databases that rpm itself wrote."""

import gzip
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from bot.image.layers.streams import Unreadable
from bot.image.packages.layer_files import LayerFiles
from bot.image.packages.path_budget import PathBudget
from bot.image.packages.rpm import read_packages
from bot.image.packages.rpm_header import RpmHeader
from tests.support.packages.layers import data, layer, list_packages, owned

DATABASES = {
    "var/lib/rpm/rpmdb.sqlite": gzip.decompress(data("rpm-sqlite.gz")),
    "usr/lib/sysimage/rpm/rpmdb.sqlite": gzip.decompress(data("rpm-sqlite.gz")),
    "usr/lib/sysimage/rpm/Packages.db": gzip.decompress(data("rpm-ndb.gz")),
}


@pytest.mark.parametrize("path", DATABASES)
def test_a_package_owns_the_files_in_its_header(path: str) -> None:
    files = {
        "usr/bin/hello": "x" * 10,
        "usr/share/hello/data.txt": "x" * 5,
        "top": "x",
        "usr/bin/b": "x",
    }
    sizes = owned(layer({path: DATABASES[path], **files}))[0]
    assert sizes["rpm hello-sample 1:2.0-3"] == 16
    assert sizes["directory /usr/bin"] == 1


@pytest.mark.parametrize("path", DATABASES)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9])
def test_a_truncated_database_never_raises(path: str, share: float) -> None:
    content = DATABASES[path]
    assert len(list_packages({path: content[: int(len(content) * share)]})) <= 1


@pytest.mark.parametrize(
    "select",
    [
        "WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT blob FROM n",
        "SELECT replace(hex(zeroblob(20000000)), '0', 'aaaaaaaaaa') AS blob",
        "SELECT zeroblob(1000000000) AS blob",
    ],
)
def test_a_view_is_no_table_and_is_never_run(select: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as hostile, hostile:
        hostile.execute(f"CREATE VIEW Packages AS {select}")
    assert list_packages({"var/lib/rpm/rpmdb.sqlite": (tmp_path / "db").read_bytes()}) == []


def test_slots_that_share_a_header_cost_no_more_than_the_file() -> None:
    """Each of 20,000 slots names the same header of 15 MB."""
    slots = b"".join(struct.pack("<4s3I", b"Slot", 1, 0x8000, 0) for _ in range(20_000))
    head = struct.pack("<4s3I", b"RpmP", 0, 0, 1000) + bytes(16)
    padding = bytes(0x80000 - len(head) - len(slots))
    blob = struct.pack("<4s3I", b"BlbS", 1, 0, 15 << 20) + bytes(15 << 20)
    layer = LayerFiles([], {"var/lib/rpm/Packages.db": head + slots + padding + blob})
    assert list(read_packages(layer)) == []


def test_a_long_folder_of_many_files_is_bounded() -> None:
    """The header has one folder of a megabyte, and 100,000 files in it without a name."""
    count, folder = 100_000, b"f" * 1_000_000 + b"\0"
    tags = [(1116, 0, count), (1117, 4 * count, count), (1118, 5 * count, 1)]
    index = b"".join(struct.pack(">IIII", tag, 0, offset, n) for tag, offset, n in tags)
    data_ = bytes(4 * count) + bytes(count) + folder
    header = RpmHeader(struct.pack(">II", len(tags), len(data_)) + index + data_)
    with pytest.raises(Unreadable, match="200,000,000 characters"):
        header.read_files(PathBudget())


def test_berkeley_db_is_not_read() -> None:
    assert list_packages({"var/lib/rpm/Packages": b"\x61\x15\x06\x00" * 100}) == []


@pytest.mark.parametrize("blob", [b"", b"\0" * 8, b"\xff" * 64, b"\0\0\0\1\0\0\0\1" + b"\xff" * 17])
def test_a_broken_header_has_nothing(blob: bytes) -> None:
    header = RpmHeader(blob)
    assert (header.name, header.version, header.read_files(PathBudget())) == ("", None, ())
