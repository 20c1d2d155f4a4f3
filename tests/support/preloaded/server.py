"""A process that has imported the program: `python -m tests.support.preloaded.server DESCRIPTOR`.

Imports take most of a short run, and the tests make more than a thousand of them. Each request that
comes in at the Unix socket DESCRIPTOR makes a fork, in which the program runs as `python -m bot`
does: with arguments, environment, folder, streams, signals and an exit status of its own. The
server ends when the other end of the socket is closed.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
from typing import Any

import bot
import bot.__main__
from bot.cli.main import main as run_program

STREAMS = 2  # standard output and standard error
_REQUEST = 1


def serve(channel: socket.socket) -> int:
    """Start the program for each request; return the exit status of the process.

    A message carries four descriptors: the request, which is a file with JSON, the two streams, and
    a socket for the answers: the number of the process, and its status once it has ended.
    """
    while True:
        message, descriptors, *_ = socket.recv_fds(channel, _REQUEST, STREAMS + 2)
        if not message:
            return 0
        if os.fork() == 0:
            channel.close()
            return watch(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def watch(request: int, stdout: int, stderr: int, answers: int) -> int:
    """Run the program in a fork and report its end; in the fork, return its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(request, encoding="utf-8") as file:
        details = json.load(file)
    process = os.fork()
    if process == 0:
        os.close(answers)
        enter(details, stdout, stderr)
        return run_program(details["arguments"])
    os.close(stdout)
    os.close(stderr)
    with socket.socket(fileno=answers) as channel:
        channel.sendall(f"{process}\n".encode())
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        channel.sendall(f"{status}\n".encode())
    os._exit(0)


def enter(details: dict[str, Any], stdout: int, stderr: int) -> None:
    """Give this process the arguments, environment, folder and streams of a request."""
    os.chdir(details["folder"])
    os.environ.clear()
    os.environ.update(details["environment"])
    sys.argv = [str(bot.__main__.__file__), *details["arguments"]]
    for number, stream in enumerate((os.open(os.devnull, os.O_RDONLY), stdout, stderr)):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def import_program() -> None:
    """Import every module of the program, and keep the collector away from what they made."""
    for module in pkgutil.walk_packages(bot.__path__, f"{bot.__name__}."):
        importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    # Processes that have ended are not waited for here; `watch` waits for the program.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import_program()
    sys.exit(serve(socket.socket(fileno=int(sys.argv[1]))))
