"""Temporary folders: those of processes that were killed are removed, and no others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.temporary_folders import (
    FOLDER_PREFIX,
    LockedFolder,
    OtherProcesses,
    remove_swept_folder,
    sweep_dead_folders,
    temporary_folder,
)

HOLDER = """
import sys
from bot.adapters.temporary_folders import LockedFolder
folder = LockedFolder(sys.argv[1])
(folder.path / "file").write_text("content")
print(folder.path, flush=True)
sys.stdin.read()
"""


@contextmanager
def other_process(root: Path, note: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start a process with a folder of its own; it waits until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, note],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(root)},
        text=True,
    ) as process:
        assert process.stdout
        yield process, Path(process.stdout.readline().strip())


def test_a_folder_is_removed_at_the_end(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        (folder / "file").write_text("content")
        assert folder.is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_the_folders_of_killed_processes_are_removed(tmp_path: Path) -> None:
    with (
        other_process(tmp_path, "one") as (killed, left_folder),
        other_process(tmp_path, "two") as (living, kept_folder),
    ):
        assert sweep_dead_folders(tmp_path) == OtherProcesses(alive=frozenset({"one", "two"}))
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert left_folder.exists()
        others = sweep_dead_folders(tmp_path)
        assert others == OtherProcesses({"one": left_folder.parent}, frozenset({"two"}))
        assert not left_folder.exists()
        assert (kept_folder / "file").read_text() == "content"
        remove_swept_folder(others.dead["one"])
        assert sweep_dead_folders(tmp_path) == OtherProcesses(alive=frozenset({"two"}))
        living.kill()


def test_a_note_is_kept_for_the_process_that_it_is_for(tmp_path: Path) -> None:
    with other_process(tmp_path, "one") as (killed, folder):
        killed.kill()
    assert sweep_dead_folders(tmp_path) == sweep_dead_folders(tmp_path) != OtherProcesses()
    hour_ago = time.time() - 3600
    os.utime(folder.parent / ".image-size-review.lock", (hour_ago, hour_ago))
    sweep_dead_folders(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_leaves_something_leaves_its_note(tmp_path: Path) -> None:
    LockedFolder("mine", tmp_path).abandon()
    assert len(list(tmp_path.iterdir())) == 1


def test_folders_of_this_process_are_alive(tmp_path: Path) -> None:
    folder = LockedFolder("mine", tmp_path)
    assert sweep_dead_folders(tmp_path).alive == {"mine"}
    assert folder.path.exists()
    folder.remove()
    assert sweep_dead_folders(tmp_path) == OtherProcesses()
    assert list(tmp_path.iterdir()) == []


def test_folders_without_our_lock_are_left_alone(tmp_path: Path) -> None:
    """A clone may have the same name; only an empty folder is certainly nobody's."""
    clone = tmp_path / f"{FOLDER_PREFIX}fork"
    clone.mkdir()
    (clone / "README.md").write_text("mine")
    (tmp_path / f"{FOLDER_PREFIX}link").symlink_to(clone)
    (tmp_path / f"{FOLDER_PREFIX}file").write_text("mine")
    (tmp_path / f"{FOLDER_PREFIX}empty").mkdir()
    sweep_dead_folders(tmp_path)
    names = sorted(path.name.removeprefix(FOLDER_PREFIX) for path in tmp_path.iterdir())
    assert names == ["file", "fork", "link"]
    assert (clone / "README.md").exists()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / f"{FOLDER_PREFIX}trap"
    folder.mkdir()
    (tmp_path / "precious").write_text("mine")
    (folder / ".image-size-review.lock").symlink_to(tmp_path / "precious")
    assert sweep_dead_folders(tmp_path) == OtherProcesses()
    assert folder.exists()
