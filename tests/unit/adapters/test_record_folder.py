"""Records in a folder: whole files, many writers, and nothing that a link leads to."""

import time
from pathlib import Path

import pytest

from bot.adapters.record_folder import RecordFolder
from bot.errors import InputError
from bot.records.record_reader import MAX_RECORD_BYTES, read_record
from tests.support.record_writers import record_of, start_writer


def test_a_folder_that_is_not_there_has_no_records(tmp_path: Path) -> None:
    store = RecordFolder(tmp_path / "history")
    assert list(store.list_paths()) == []
    assert list(store.read_files(["records/x"], 10)) == [None]


def test_records_are_read_as_they_were_written(tmp_path: Path) -> None:
    store = RecordFolder(tmp_path / "history")
    path, content = record_of(1)
    store.add_files({path: b"old"}, "")
    store.add_files({path: content}, "")
    assert list(store.list_paths()) == [path]
    assert list(store.read_files([path], MAX_RECORD_BYTES)) == [content]
    assert list(store.read_files([path], 10)) == [None]


def test_links_are_not_followed(tmp_path: Path) -> None:
    store = RecordFolder(tmp_path / "history")
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "history").mkdir()
    (tmp_path / "history/link").symlink_to(tmp_path / "secret")
    (tmp_path / "history/folder").symlink_to(tmp_path)
    assert list(store.read_files(["link"], 100)) == [None]
    assert "folder/secret" not in store.list_paths()


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file")
    with pytest.raises(InputError, match="The record cannot be written"):
        RecordFolder(tmp_path / "history").add_files(dict([record_of(1)]), "")


def test_ten_writers_at_once_of_which_three_are_killed(tmp_path: Path) -> None:
    writers = [start_writer("dir", tmp_path, number) for number in range(10)]
    for number in range(3):
        time.sleep(0.1)
        writers[number].kill()
    errors = [writer.communicate()[1] for writer in writers]
    assert all(writer.returncode == 0 for writer in writers[3:]), errors
    store = RecordFolder(tmp_path)
    paths = [path for path in store.list_paths() if path.endswith(".json")]
    assert set(paths) >= {record_of(number)[0] for number in range(3, 10)}
    for content in store.read_files(paths, MAX_RECORD_BYTES):
        assert content is not None
        read_record(content)
