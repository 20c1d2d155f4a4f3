"""A report as its reader asked for it: where, in which form, and how the program ends."""

import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from bot.errors import InputError
from bot.model.report import Outcome, Report
from bot.redaction import redact_report

_EXIT_STATUS = {Outcome.FAIL: 1, Outcome.ERROR: 2}
# By name, since nobody wants all of them: what a command does not need would only delay it.
_RENDERERS = {
    "markdown": ("bot.report.formats.markdown", "render_markdown"),
    "json": ("bot.report.document.writer", "render_json"),
    "html": ("bot.report.formats.html", "render_html"),
}


def write_report(report: Report, arguments: Namespace) -> int:
    """Writes a report; the exit status is that of its verdict."""
    report = redact_report(report)
    if arguments.format == "text":
        text = import_module("bot.cli.terminal_text")
        _write_page(
            text.render_console_text(report, to_terminal=arguments.output is None), arguments.output
        )
    else:
        module, name = _RENDERERS[arguments.format]
        render = cast(Callable[[Report], str], getattr(import_module(module), name))
        _write_page(render(report), arguments.output)
    return _EXIT_STATUS.get(report.verdict, 0)


def _write_page(page: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(page)
        return
    try:
        output.write_text(page, "utf-8")
    except OSError as problem:
        raise InputError(
            "The report cannot be written.", str(problem), "check --output"
        ) from problem
