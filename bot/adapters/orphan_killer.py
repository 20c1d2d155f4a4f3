"""Ends the programs that this process has started, if it is killed itself.

Linux can do that for a direct child (PR_SET_PDEATHSIG), but `docker` starts buildx as a child of
its own. So a shell waits at a pipe, which the kernel closes however this process ends, and kills
the process groups that are still on its list. It costs a few milliseconds once.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

_SHELL = "/bin/sh"
# `+ 17` adds a process group, `- 17` takes it off again.
_SCRIPT = """
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% $group *} ${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -KILL "-$group"; done
"""


@dataclass(frozen=True)
class _WaitingShell:
    """The shell, if there is one, and the end of its pipe that this process keeps open."""

    pipe: int
    process: subprocess.Popen[bytes] | None

    def write_line(self, line: str) -> None:
        """Write a line at once; a shell that is gone is no reason to fail."""
        with suppress(OSError):
            os.write(self.pipe, f"{line}\n".encode("ascii"))

    def close(self) -> None:
        """Close the pipe in a fork: the shell waits until nobody has it open."""
        with suppress(OSError):
            os.close(self.pipe)


@contextmanager
def ending_with_this_process(group: int) -> Iterator[None]:
    """End a process group with this process, as long as the context lasts."""
    shell = _start_shell(os.getpid())
    shell.write_line(f"+ {group}")
    try:
        yield
    finally:
        # Or the number would be that of another group by the time that this process ends.
        shell.write_line(f"- {group}")


@cache
def _start_shell(process_id: int) -> _WaitingShell:
    """Start the shell of a process, once."""
    reading, writing = os.pipe()
    process: subprocess.Popen[bytes] | None = None
    with suppress(OSError):
        process = subprocess.Popen(  # noqa: S603 - a fixed script
            [_SHELL, "-c", _SCRIPT],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    os.close(reading)
    shell = _WaitingShell(writing, process)
    os.register_at_fork(after_in_child=shell.close)
    return shell
