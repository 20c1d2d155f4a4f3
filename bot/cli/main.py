"""The command line: finds the command, runs it, and turns what goes wrong into an exit status."""

import gc
import io
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import TextIO

from bot.adapters.environment import read_environment
from bot.cli.options import parse_arguments
from bot.errors import ReviewError
from bot.redaction import redact

_EXIT_USER_ERROR, _EXIT_DEFECT, _EXIT_INTERRUPTED = 2, 3, 130
# By name, so that no command waits for what only the others need.
_COMMAND_MODULES = {
    "review": "review",
    "audit": "review",
    "advise": "advise",
    "measure": "existing",
    "diff": "existing",
    "publish": "publish",
    "action": "action",
    "schema": "schema",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the exit status is the contract's."""
    asked = parse_arguments(arguments)
    gc.disable()  # there are hundreds of thousands of entries to walk through, and no garbage in them
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job cleans up, too
    _configure_streams(sys.stdout, sys.stderr)
    try:
        command = import_module(f"bot.cli.{_COMMAND_MODULES[asked.command]}")
        status: int = command.run(asked, read_environment())
        sys.stdout.flush()
        return status
    except ReviewError as problem:
        sys.stderr.write(_format_for_stderr(f"error: {problem}"))
        return _EXIT_USER_ERROR
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever reads us, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001 - the last handler: whatever comes here is our defect
        sys.stderr.write(_format_for_stderr(traceback.format_exc()))
        sys.stderr.write("This is a defect of image-size-review. Please report it.\n")
        return _EXIT_DEFECT


def _format_for_stderr(text: str) -> str:
    """Lines for stderr without secrets; indented, so that none that is foreign begins as a command to a
    workflow's runner does.
    """
    return redact(text.rstrip()).replace("\n", "\n  ") + "\n"


def _configure_streams(*streams: TextIO) -> None:
    """A terminal that lacks an arrow gets a question mark, and the report all the same.

    Both streams end in one log, whose runner must be told what to mask before anything else is said.
    """
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace", line_buffering=True)
