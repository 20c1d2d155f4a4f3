"""A report in the format and at the place that the command line asks for."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from bot.adapters.escaped_output import get_raw_stream
from bot.cli.options.command_parser import EXIT_INTERRUPTED
from bot.cli.options.commands import ReportOutput
from bot.errors import InputError, describe_cause
from bot.model.report import Outcome, Report
from bot.report.escape import defuse_commands, json_for_log
from bot.report.formats.file_formats import render_file

_MIN_WIDTH = 80  # below, a table is harder to read than lines that the terminal wraps
_EXIT_STATUS = {Outcome.FAIL: 1, Outcome.ERROR: 2}


class TextLayout(TypedDict):
    """The columns of a line, and whether it has colours."""

    width: int
    colour: bool


def write_report(report: Report, output: ReportOutput, secrets: Iterable[str] = ()) -> int:
    """Write a report without secrets and return the exit status of its verdict."""
    # Here, since it compiles many expressions, which a report that was kept does not need.
    from bot.redaction import redact_report

    if "html" in output.formats:
        from bot.compare.size_tree import add_size_trees

        report = add_size_trees(report)
    # Last of all, when no more text is added; each format escapes what is left.
    return write_redacted_report(redact_report(report, secrets), output)


def write_redacted_report(redacted: Report, output: ReportOutput) -> int:
    """Write a report that has no secrets any more; return the exit status of its verdict."""
    for part in (output, *output.others):
        write_page(_render_report(redacted, part), part)
    _show_verdict(redacted, output)
    # Ctrl-C ends a search early: what is known is shown, but it is not the answer.
    if redacted.since and redacted.since.is_interrupted:
        return EXIT_INTERRUPTED
    return _EXIT_STATUS.get(redacted.verdict, 0)


def _show_verdict(report: Report, output: ReportOutput) -> None:
    """Show the verdict and the files to a person, where no report is on the screen."""
    files = [part.path for part in (output, *output.others) if part.path is not None]
    is_seen = output.path is None or output.is_quiet
    if is_seen or not get_raw_stream(sys.stderr).isatty():
        return
    # rich is slow to import, and a job without a terminal never needs it here.
    from bot.report.formats.text import render_closing_line

    names = ", ".join(str(path) for path in files)
    sys.stderr.write(f"{render_closing_line(report)}. Report: {names}\n")


def write_page(page: str, output: ReportOutput) -> None:
    """Write a page that has no secrets to where it belongs."""
    if output.path is None:
        # A job's log gets what is printed, and its runner looks for commands in it.
        escape = json_for_log if output.format in ("json", "sarif") else defuse_commands
        sys.stdout.write(escape(page))
    else:
        write_file(output.path, page)


def _render_report(report: Report, output: ReportOutput) -> str:
    if output.format == "text":
        return _render_text(report, output)
    return render_file(report, output.format)


def _render_text(report: Report, output: ReportOutput) -> str:
    from bot.report.formats.text import render_text

    layout = find_layout(is_for_stdout=output.path is None)
    return render_text(report, is_short=not output.has_details, **layout)


def find_layout(*, is_for_stdout: bool) -> TextLayout:
    """Return the layout of a text: that of the terminal, plain if it goes to a file or a pipe."""
    from rich.console import Console

    from bot.report.formats.text import DEFAULT_WIDTH

    console = Console()
    # A file is read later and elsewhere: its width must not be that of today's window.
    if not (is_for_stdout and console.is_terminal):
        return {"width": DEFAULT_WIDTH, "colour": False}
    has_colours = not console.no_color and not console.is_dumb_terminal
    return {"width": max(console.width, _MIN_WIDTH), "colour": has_colours}


def write_file(path: Path, page: str) -> None:
    """Write a page to a file; InputError if it cannot be written."""
    try:
        path.write_text(page, "utf-8")
    except OSError as problem:
        why = describe_cause(problem)
        raise InputError("The report cannot be written.", why, "check --output") from problem
