"""Packages of rpm's distributions, from databases that rpm itself wrote."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

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


def test_an_endless_query_is_stopped(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as hostile, hostile:
        hostile.execute(
            "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL SELECT 1 FROM n)"
            " SELECT blob FROM n"
        )
    assert list_packages({"var/lib/rpm/rpmdb.sqlite": (tmp_path / "db").read_bytes()}) == []


def test_berkeley_db_is_not_read() -> None:
    assert list_packages({"var/lib/rpm/Packages": b"\x61\x15\x06\x00" * 100}) == []


@pytest.mark.parametrize("blob", [b"", b"\0" * 8, b"\xff" * 64, b"\0\0\0\1\0\0\0\1" + b"\xff" * 17])
def test_a_broken_header_has_nothing(blob: bytes) -> None:
    header = RpmHeader(blob)
    assert (header.name, header.version, header.files) == ("", None, ())
