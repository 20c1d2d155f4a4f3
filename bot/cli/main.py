"""The console script: runs one command, and turns what goes wrong into an exit status."""

import atexit
import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import TextIO

from bot.adapters.environment import read_environment
from bot.adapters.escaped_output import escape_standard_error
from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.command_parser import EXIT_INTERRUPTED, EXIT_USER_ERROR
from bot.cli.options.commands import (
    ActionOptions,
    AdviseOptions,
    AuditOptions,
    CommandOptions,
    CompletionOptions,
    DiffOptions,
    ImagesOptions,
    InitOptions,
    MeasureOptions,
    MergeOptions,
    PublishOptions,
    ReviewOptions,
    SchemaOptions,
)
from bot.errors import ReviewError, explain_disk_error

_EXIT_DEFECT = 3  # apart from 2: nobody can fix it but us


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit status.

    None means the arguments of the process.
    """
    _configure_streams(sys.stdout, sys.stderr)
    with escape_standard_error():
        return _run_and_report(parse_arguments(arguments))


def _run_and_report(options: CommandOptions) -> int:
    """Run a command and write what went wrong to standard error."""
    stop_collector()
    # A cancelled workflow sends SIGTERM: containers and images are removed as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = _run_command(options, read_environment())
        # At the interpreter's exit, a closed pipe or a full disk is a traceback and status 120.
        sys.stdout.flush()
        return status
    except ReviewError as problem:
        sys.stderr.write(_indent_further_lines(f"error: {problem}"))
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # `head` has read enough and closed the pipe; Python's flush at exit would fail, too. A
        # report that nobody read has no verdict: the status must not be that of a green one.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_INTERRUPTED
    except Exception as problem:  # noqa: BLE001 - the last handler: the rest is a defect of ours
        # A full disk may show in any write: in a cache, a checkout, a library.
        if disk_error := explain_disk_error(problem):
            sys.stderr.write(_indent_further_lines(f"error: {disk_error}"))
            return EXIT_USER_ERROR
        sys.stderr.write(_indent_further_lines(traceback.format_exc()))
        sys.stderr.write("This is a bug in image-size-review. Please report it.\n")
        return _EXIT_DEFECT


def stop_collector() -> None:
    """Let nothing look for cycles, in which an image's hundreds of thousands of entries never are.

    Python itself looks for them once more when it ends.
    """
    gc.disable()
    atexit.register(gc.freeze)


def _run_command(options: CommandOptions, environment: Mapping[str, str]) -> int:
    """Import and run one command: `measure` must not wait for what `review` needs."""
    match options:
        case MeasureOptions() | DiffOptions():
            from bot.cli.existing import run_existing

            return run_existing(options, environment)
        case ReviewOptions() | AuditOptions() | ImagesOptions() | InitOptions():
            return _run_on_revisions(options, environment)
        case AdviseOptions():
            from bot.cli.advise import run_advise

            return run_advise(options, environment)
        case MergeOptions() | PublishOptions():
            return _run_on_reports(options, environment)
        case ActionOptions():
            from bot.action.run import run_action

            return run_action(environment)
        case SchemaOptions() | CompletionOptions():
            return _print_about_program(options)


def _print_about_program(options: SchemaOptions | CompletionOptions) -> int:
    """Import and run a command that prints what this program has."""
    match options:
        case SchemaOptions(document=document):
            from bot.cli.schema import run_schema

            return run_schema(document)
        case CompletionOptions(shell=shell):
            from bot.cli.completion import run_completion

            return run_completion(shell)


def _run_on_revisions(
    options: ReviewOptions | AuditOptions | ImagesOptions | InitOptions,
    environment: Mapping[str, str],
) -> int:
    """Import and run a command that reads the images of a repository."""
    match options:
        case ReviewOptions() | AuditOptions():
            from bot.cli.review import run_review

            return run_review(options, environment)
        case ImagesOptions():
            from bot.cli.list_images import run_images

            return run_images(options, environment)
        case InitOptions():
            from bot.cli.init import run_init

            return run_init(options, environment)


def _run_on_reports(options: MergeOptions | PublishOptions, environment: Mapping[str, str]) -> int:
    """Import and run a command that reads finished reports."""
    match options:
        case MergeOptions():
            from bot.cli.merge import run_merge

            return run_merge(options)
        case PublishOptions():
            from bot.cli.publish import run_publish

            return run_publish(options, environment)


def _indent_further_lines(text: str) -> str:
    """Return lines that are seen to belong together."""
    return text.rstrip().replace("\n", "\n  ") + "\n"


def _configure_streams(*streams: TextIO) -> None:
    """Make streams print every character and flush every line.

    A terminal with an encoding that lacks an arrow gets a question mark instead. Both streams end
    in one log, and its runner must read a mask (`::add-mask::`) before the line with the secret.
    """
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace", line_buffering=True)
