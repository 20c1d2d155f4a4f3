"""A report for a terminal, or for a file that is read like one."""

from rich.console import Console

from bot.model.report import Report
from bot.report.formats.text import render_text


def render_console_text(report: Report, *, to_terminal: bool) -> str:
    """As wide as the terminal and in colour; plain text where there is none."""
    console = Console()
    if not (to_terminal and console.is_terminal):
        return render_text(report)
    return render_text(report, width=max(console.width, 80), colour=not console.no_color)
