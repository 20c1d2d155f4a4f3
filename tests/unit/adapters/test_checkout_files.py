"""Files that are read, and those that are not even opened."""

import os
from pathlib import Path

import pytest

from bot.adapters.checkout_files import is_below, read_regular_file


def test_regular_files_up_to_a_size(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_regular_file(tmp_path / "file", tmp_path, 5) == b"12345"
    assert read_regular_file(tmp_path / "file", tmp_path, 4) is None


def test_links_are_followed_inside_of_the_root_alone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "file").write_bytes(b"in")
    (tmp_path / "secret").write_bytes(b"out")
    for name, target in [
        ("in", "../file"),
        ("out", "../../secret"),
        ("none", "x"),
        ("self", "self"),
    ]:
        (root / "folder" / name).symlink_to(target)
    (root / "up").symlink_to(tmp_path)
    assert read_regular_file(root / "folder/in", root, 9) == b"in"
    assert read_regular_file(root / "folder/in", root / "folder", 9) is None
    for name in ("folder/out", "folder/none", "folder/self", "up/secret", "folder"):
        assert read_regular_file(root / name, root, 9) is None


@pytest.mark.parametrize("device", ["/proc/self/mem", "/dev/zero", "/proc/kmsg", "/dev/stdin"])
def test_devices_are_not_read(device: str) -> None:
    assert read_regular_file(Path(device), Path("/"), 9) is None


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_regular_file(tmp_path / "pipe", tmp_path, 9) is None


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    assert not is_below(tmp_path / "a\0b", tmp_path)
    assert read_regular_file(tmp_path / ("x" * 300), tmp_path, 9) is None
