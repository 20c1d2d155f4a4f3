"""The rows of a table, as SQLite itself has them; nothing of a file that is broken."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.image.packages.sqlite_table import read_blobs

SIZES = st.integers(0, 300) | st.integers(400, 5000) | st.integers(60_000, 70_000)


def write_database(
    path: Path, sizes: list[int], page_bytes: int = 4096, vacuum: str = "NONE", others: int = 0
) -> bytes:
    """Write rows of these sizes as rpm does, among other tables and after rows that were deleted."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute(f"PRAGMA page_size={page_bytes}")
        database.execute(f"PRAGMA auto_vacuum={vacuum}")
        for number in range(others):
            database.execute(f"CREATE TABLE Other{number} (a TEXT, b BLOB)")
        database.execute(
            "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"
        )
        insert = "INSERT INTO Packages (blob) VALUES (?)"
        database.executemany(insert, [(b"deleted" * 700,)] * len(sizes))
        database.execute("DELETE FROM Packages")
        database.executemany(insert, [(make_blob(size),) for size in sizes])
        database.commit()
    return path.read_bytes()


def make_blob(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


@given(
    st.lists(SIZES, max_size=10),
    st.sampled_from([512, 1024, 4096, 65536]),
    st.sampled_from(["NONE", "FULL", "INCREMENTAL"]),
    st.integers(0, 30),
)
def test_rows_are_as_sqlite_wrote_them(
    tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int],
    page_bytes: int,
    vacuum: str,
    others: int,
) -> None:
    path = tmp_path_factory.mktemp("database") / "db"
    content = write_database(path, sizes, page_bytes, vacuum, others)
    blobs = list(read_blobs(content, "Packages"))
    assert [len(blob) for blob in blobs] == sizes
    assert blobs == [make_blob(size) for size in sizes]


def test_thousands_of_rows_are_read_in_order(tmp_path: Path) -> None:
    sizes = [number % 700 for number in range(5000)]
    content = write_database(tmp_path / "db", sizes, 512)
    assert [len(blob) for blob in read_blobs(content, "Packages")] == sizes


def test_there_is_nothing_in_a_table_that_is_missing(tmp_path: Path) -> None:
    content = write_database(tmp_path / "db", [10])
    assert list(read_blobs(content, "packages")) == []
    assert list(read_blobs(content, "Other0")) == []
    assert list(read_blobs(b"", "Packages")) == []


@given(st.data())
def test_a_damaged_file_raises_nothing_and_has_no_more_than_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("database") / "db"
    content = bytearray(write_database(path, [10, 300, 5000], 512))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    assert sum(map(len, read_blobs(bytes(content[:cut]), "Packages"))) <= cut


def test_cells_that_overlap_cost_no_more_than_the_file(tmp_path: Path) -> None:
    """Every cell of each page is the first one, which has nearly all of the page."""
    content = bytearray(write_database(tmp_path / "db", [60_000] * 50, 65536))
    for start in range(65536, len(content), 65536):
        if content[start] == 0x0D:
            first = content[start + 8 : start + 10]
            content[start + 3 : start + 5] = (2000).to_bytes(2, "big")
            content[start + 8 : start + 8 + 4000] = first * 2000
    blobs = list(read_blobs(bytes(content), "Packages"))
    assert 0 < sum(map(len, blobs)) <= len(content)
