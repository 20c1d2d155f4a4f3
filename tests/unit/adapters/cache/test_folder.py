"""The folder of the caches: where it is, and what it does with files."""

import os
from pathlib import Path

import pytest

from bot.adapters.cache.folder import CACHE_VARIABLE, CacheFolder, find_cache_folder


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/root"}, "/root/.cache/image-size-review"),
        ({"HOME": "/root", "XDG_CACHE_HOME": "/var/cache"}, "/var/cache/image-size-review"),
        ({"HOME": "/root", CACHE_VARIABLE: "/tmp/kept"}, "/tmp/kept"),
        ({"HOME": "/root", CACHE_VARIABLE: ""}, None),
        ({}, None),
    ],
)
def test_the_folder_is_where_the_environment_says(
    environment: dict[str, str], folder: str | None
) -> None:
    assert find_cache_folder(environment) == (Path(folder) if folder else None)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path / "new")
    with pytest.raises(FileNotFoundError):
        cache.read("sha256:1")
    assert not (tmp_path / "new").exists()
    cache.write("sha256:1", b"content")
    assert cache.read("sha256:1") == b"content"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["sha256-1"]


def test_reading_a_file_makes_it_the_last_one_to_be_pruned(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    cache.write("a", b"")
    os.utime(cache.path_of("a"), (0, 0))
    cache.read("a")
    assert cache.path_of("a").stat().st_mtime > 0


def test_a_folder_that_cannot_be_written_to_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = CacheFolder(tmp_path / "file" / "below")
    cache.write("a", b"content")
    with pytest.raises(OSError, match="Not a directory"):
        cache.read("a")
