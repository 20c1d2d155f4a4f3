"""Progress on stderr: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.adapters.escaped_output import get_raw_stream
from bot.adapters.plain_progress import PlainProgress, QuietProgress

if TYPE_CHECKING:  # a small image is measured sooner than the ports are imported
    from bot.line.ports import Progress


def make_progress(*, is_quiet: bool = False) -> Progress:
    """Return progress on the stderr of this process.

    rich, which takes long to import, is only for a terminal. It takes a job's log for one where
    FORCE_COLOR is set; only the stream knows. A dumb terminal cannot move its cursor.
    """
    if is_quiet:
        return QuietProgress(sys.stderr)
    stream = get_raw_stream(sys.stderr)
    if not stream.isatty():
        return PlainProgress(sys.stderr)
    from rich.console import Console

    from bot.adapters.terminal_progress import TerminalProgress

    console = Console(file=stream)
    return PlainProgress(sys.stderr) if console.is_dumb_terminal else TerminalProgress(console)
