"""Progress on stderr: a live line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from bot.adapters.plain_progress import printable

_WIDTH_OF_DETAIL = 70


class TerminalScreen:
    """The port `Screen`."""

    def __init__(self, console: Console) -> None:
        """Writes to `console`, which knows whether it is a terminal."""
        self._console = console

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """A step of work, with its time once it is done."""
        started = time.monotonic()
        title = escape(printable(text))
        if not self._console.is_terminal:
            self.say(f"{text} …")
            yield lambda detail: None
        else:
            with self._console.status(title) as status:
                yield lambda detail: status.update(f"{title} [dim]{escape(_short(detail))}[/dim]")
        self._console.print(
            f"{title} [dim]{time.monotonic() - started:.1f} s[/dim]", highlight=False
        )

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(escape(printable(text)), highlight=False, soft_wrap=True)


def terminal_screen() -> TerminalScreen:
    """The screen of whoever started the program."""
    return TerminalScreen(Console(stderr=True))


def _short(detail: str) -> str:
    return printable(detail)[:_WIDTH_OF_DETAIL]
