"""Builds side by side: what they share is changed by one of them at a time.

Buildx reads the logins of a build while it runs, from one file for all: a build with others than
those of the builds that run waits for their end.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


class BuildTurns:
    """Counts the builds that run; `lock` is for what is not ready for several threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._ended = threading.Condition(self.lock)
        self._running = 0

    @contextmanager
    def take(
        self, must_be_alone: Callable[[], bool], begin: Callable[[], Result]
    ) -> Iterator[Result]:
        """Count a build that runs, after `begin`, and yield what that returns.

        One that must be alone waits until no other one runs.
        """
        with self._ended:
            self._ended.wait_for(lambda: not self._running or not must_be_alone())
            result = begin()
            self._running += 1
        try:
            yield result
        finally:
            with self._ended:
                self._running -= 1
                self._ended.notify_all()
