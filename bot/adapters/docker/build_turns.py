"""Builds side by side: what they share is changed by one of them at a time.

Buildx reads the logins of a build while it runs, from one file for all: a build with others than
those of the builds that run waits for their end.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


@dataclass(eq=False)
class Turn(Generic[Result]):
    """A build that runs: what it began with, and whether another one ran at any time of it."""

    begun: Result
    was_beside_others: bool = False


class BuildTurns:
    """Counts the builds that run; `lock` is for what is not ready for several threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._running: list[Turn[Any]] = []
        self._is_closed = False

    @contextmanager
    def take(
        self, must_wait: Callable[[], bool], begin: Callable[[], Result], *, alone: bool = False
    ) -> Iterator[Turn[Result]]:
        """Count a build that runs, after `begin`, and yield its turn.

        A build that must wait begins when no other one runs; `alone` also keeps others from
        beginning before it ends.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: not self._running or not (alone or self._is_closed or must_wait())
            )
            turn = Turn(begin())
            self._is_closed = alone
            self._running.append(turn)
            if len(self._running) > 1:
                for other in self._running:
                    other.was_beside_others = True
        try:
            yield turn
        finally:
            with self._changed:
                self._running.remove(turn)
                self._is_closed = False
                self._changed.notify_all()
