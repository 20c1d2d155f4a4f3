"""Starts the program in a fork of a process that has imported it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[3]
_REQUEST = b"\n"
# Variables of the interpreter that change nothing here.
_WITHOUT_EFFECT = {"PYTHONPATH", "PYTHONUNBUFFERED"}


@dataclass
class RunningProgram:
    """A run of the program, in a process of its own."""

    pid: int
    output: IO[str]
    errors: IO[str] | None
    answers: IO[str]
    returncode: int = field(default=-1, init=False)

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        os.kill(self.pid, number)

    def communicate(self) -> tuple[str, str]:
        """Wait for the end; return what was written to standard output and to standard error."""
        with self.output, self.answers:
            output = self.output.read()
            self.returncode = int(self.answers.readline())
        if self.errors is None:
            return output, ""
        with self.errors:
            self.errors.seek(0)
            return output, self.errors.read()


def start_program(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    one_stream: bool = False,
) -> RunningProgram:
    """Start `python -m bot` in a folder, with an environment and an empty input.

    With `one_stream`, its output and its errors come in one stream, in their order.
    """
    details = {"arguments": arguments, "environment": dict(environment), "folder": str(folder)}
    reader, writer = os.pipe()
    errors = None if one_stream else os.fdopen(os.memfd_create("errors"), "w+", encoding="utf-8")
    near, far = socket.socketpair()
    with os.fdopen(os.memfd_create("request"), "w+", encoding="utf-8") as request, far:
        json.dump(details, request)
        request.seek(0)
        streams = [writer, errors.fileno() if errors else writer]
        descriptors = [request.fileno(), *streams, far.fileno()]
        socket.send_fds(_start_server().channel, [_REQUEST], descriptors)
    os.close(writer)
    with near:
        answers = near.makefile(encoding="utf-8")
    return RunningProgram(
        int(answers.readline()), os.fdopen(reader, encoding="utf-8"), errors, answers
    )


def needs_interpreter(environment: Mapping[str, str]) -> bool:
    """Return whether a variable differs from that of this process and is read when Python starts."""
    names = {*environment, *os.environ} - _WITHOUT_EFFECT
    return any(
        environment.get(name) != os.environ.get(name) for name in names if name.startswith("PYTHON")
    )


@dataclass
class Server:
    """The process that has imported the program, and the socket that requests are sent to."""

    process: subprocess.Popen[bytes]
    channel: socket.socket


@cache
def _start_server() -> Server:
    """Start the server of this process, once; it ends with this process."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far:
        command = [sys.executable, "-m", "tests.support.preloaded.server", str(far.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[far.fileno()])
    return Server(process, near)
