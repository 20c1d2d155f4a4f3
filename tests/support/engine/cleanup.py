"""The clean-up of an engine that was stopped, crashed or killed.

Stopping and recovering are the same thing: everything that belongs to an engine is found by name,
not by memory, and removed. Nothing else is touched.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from tests.support.engine.cache import remove
from tests.support.engine.engine_paths import EnginePaths
from tests.support.engine.network import remove_bridge

PATIENCE_SECONDS = 20.0
SHIM = "containerd-shim-runc-v2"


def clean_up(paths: EnginePaths) -> None:
    """Stop all processes of an engine, then remove its mounts, bridge and folders of this run."""
    for program in ("dockerd", SHIM, "containerd"):
        stop_processes(partial(list_container_processes, paths), signal.SIGKILL)
        stop_processes(partial(list_daemons, paths, program), signal.SIGTERM)
    unmount(filter_mounts((str(paths.run_dir), paths.home), list_mount_points()))
    remove_bridge(paths.bridge)
    remove_cgroups(paths.cgroup)
    remove(paths.run_dir)
    remove(paths.temporary_dir)


def list_processes() -> dict[int, list[str]]:
    """Return the arguments of every running process, without those that end meanwhile."""
    command_lines = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if words := _read(folder / "cmdline").split("\0")[:-1]:
            command_lines[int(folder.name)] = words
    return command_lines


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def list_daemons(paths: EnginePaths, program: str) -> list[int]:
    """Return processes of the program that were given a path in the engine's run folder."""
    return [pid for pid, words in list_processes().items() if is_own_daemon(words, program, paths)]


def is_own_daemon(words: Sequence[str], program: str, paths: EnginePaths) -> bool:
    """Return True if program and path match, so that no client or editor is stopped."""
    ours = f"{paths.run_dir}/"
    return Path(words[0]).name == program and any(word.startswith(ours) for word in words[1:])


def list_container_processes(paths: EnginePaths) -> list[int]:
    """Return the processes in the control group of the engine's containers."""
    group = f"/{paths.cgroup}/"
    return [pid for pid in list_processes() if group in _read(Path("/proc", str(pid), "cgroup"))]


def stop_processes(find: Callable[[], list[int]], first: signal.Signals) -> None:
    """Signal the processes that `find` returns until none is left; SIGKILL after a while.

    Twice the patience is the end of it: a process that not even SIGKILL ends hangs in the
    kernel, and waiting for it would hang us too.
    """
    started = time.monotonic()
    signalled: set[int] = set()
    while (pids := find()) and (waited := time.monotonic() - started) < 2 * PATIENCE_SECONDS:
        forced = waited > PATIENCE_SECONDS
        for pid in pids:
            if forced or pid not in signalled:
                _send(pid, signal.SIGKILL if forced else first)
                signalled.add(pid)
        time.sleep(0.02)


def _send(pid: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, which)


def list_mount_points() -> list[str]:
    """Return the present mount points."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [decode_mount_path(line.split()[4]) for line in lines]


def decode_mount_path(path: str) -> str:
    r"""Decode the kernel's escapes in a path, such as \040 for a space."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def filter_mounts(folders: Iterable[str], mounted: Iterable[str]) -> list[str]:
    """Return the mounts in the folders, the deepest first, as they must be unmounted."""
    prefixes = tuple(f"{folder}/" for folder in folders)
    return sorted((path for path in mounted if path.startswith(prefixes)), reverse=True)


def unmount(points: Sequence[str]) -> None:
    """Unmount lazily, since a process that is just ending may still use a mount."""
    for point in points:
        subprocess.run(["umount", "--lazy", point], capture_output=True)


def remove_cgroups(name: str) -> None:
    """Remove a control group from the inside out; only rmdir removes one."""
    roots = [
        path for depth in (".", "*") for path in Path("/sys/fs/cgroup").glob(f"{depth}/{name}")
    ]
    for root in roots:
        for folder, _, _ in os.walk(root, topdown=False):
            os.rmdir(folder)
