"""Progress on stderr: a live line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from bot.adapters.plain_progress import replace_unprintable

_MAX_DETAIL_CHARACTERS = 70


class TerminalProgress:
    """The port `Progress`, drawn with rich."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        """Report a step of work, and its time at the end."""
        started = time.monotonic()
        title = escape(replace_unprintable(text))
        if not self._console.is_terminal:
            self.write_line(f"{text} …")
            yield lambda detail: None
        else:
            with self._console.status(title) as status:
                yield lambda detail: status.update(
                    f"{title} [dim]{escape(_shorten_detail(detail))}[/dim]"
                )
        self._console.print(
            f"{title} [dim]{time.monotonic() - started:.1f} s[/dim]", highlight=False
        )

    def write_line(self, text: str) -> None:
        """Write a line that stays."""
        self._console.print(escape(replace_unprintable(text)), highlight=False, soft_wrap=True)


def make_terminal_progress() -> TerminalProgress:
    """Return progress on the stderr of this process."""
    return TerminalProgress(Console(stderr=True))


def _shorten_detail(detail: str) -> str:
    return replace_unprintable(detail)[:_MAX_DETAIL_CHARACTERS]
