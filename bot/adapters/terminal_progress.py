"""Progress on a terminal: a live line with a clock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import Progress as LiveSteps
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from bot.adapters.plain_progress import make_line

# With the title before it, a line of a usual terminal.
_MAX_DETAIL_CHARACTERS = 70


class TerminalProgress:
    """The port `Progress`, drawn with rich."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._has_live_line = threading.Lock()  # of rich, which has one at a time

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """Report a step of work, and its time at the end."""
        started = time.monotonic()
        title = escape(make_line(text))
        if self._console.is_terminal and self._has_live_line.acquire(blocking=False):
            try:
                with self._live_line(title) as show_detail:
                    yield show_detail
            finally:
                self._has_live_line.release()
        else:
            self.write_line(f"{text} …")
            yield lambda detail: None
        self._console.print(
            f"{title} [dim]{time.monotonic() - started:.1f} s[/dim]", highlight=False
        )

    @contextmanager
    def _live_line(self, title: str) -> Iterator[Callable[[str], None]]:
        """Show a line that stands still until it has a detail, and a clock from then on.

        The clock runs in a thread, and a process with threads cannot be forked safely: measuring,
        which shows no details, needs a second process (bot/parallel.py).
        """
        line = Live(
            Text.from_markup(title), console=self._console, auto_refresh=False, transient=True
        )
        clock = _make_clock(self._console)
        task = clock.add_task(title)

        def show_detail(detail: str) -> None:
            line.stop()
            text = f"{title} [dim]{escape(_shorten_detail(detail))}[/dim]"
            clock.update(task, description=text)
            clock.start()

        line.start(refresh=True)
        try:
            yield show_detail
        finally:
            line.stop()
            clock.stop()

    def write_line(self, text: str) -> None:
        """Write a line that stays."""
        self._console.print(escape(make_line(text)), highlight=False, soft_wrap=True)

    def write_warning(self, text: str) -> None:
        """Write a warning as any other line."""
        self.write_line(text)


def _make_clock(console: Console) -> LiveSteps:
    """Return a live line with the time that a step takes, cut to the width of the terminal."""
    column = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    text = TextColumn("{task.description}", table_column=column)
    columns = SpinnerColumn(), TimeElapsedColumn(), text
    return LiveSteps(*columns, console=console, transient=True, expand=True)


def _shorten_detail(detail: str) -> str:
    return make_line(detail)[:_MAX_DETAIL_CHARACTERS]
