"""Builds side by side, in threads: both sides of an image, or several images before their turns.

Everything else is done in the turns, one image after the other: so what a report says, and in
which order, does not depend on which build ends first. A failed build is a value, which its turn
finds; an error is raised in the turn of its image.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from bot.line.build_input import BuildInput

Group = Sequence[BuildInput]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class BuildLimit:
    """The number of images that are built at once, given how many there are.

    `allows_both_sides` says if the sides of one image are built at once. `stop` ends the builds
    that run, after an error or an interruption.
    """

    count: Callable[[int], int] = lambda _: 1
    allows_both_sides: Callable[[], bool] = lambda: False
    stop: Callable[[], None] = lambda: None


def build_at_once(builds: Sequence[Callable[[], Result]], stop: Callable[[], None]) -> list[Result]:
    """Run builds at once and return their results in order; an error stops those that run."""
    with ThreadPoolExecutor(len(builds), "build") as pool:
        futures = [pool.submit(build) for build in builds]
        try:
            return [future.result() for future in futures]
        except BaseException:
            stop()
            raise


class BuildsAhead:
    """Builds groups of inputs, no more of them than the limit says before their turns."""

    def __init__(
        self, groups: Sequence[Group], build: Callable[[Group], object], limit: BuildLimit
    ) -> None:
        self._groups, self._build, self._limit = groups, build, limit
        self._pool: ThreadPoolExecutor | None = None
        self._builds: dict[int, Future[object]] = {}
        self._count = 1

    def __enter__(self) -> Self:
        """Start no build yet."""
        images = sum(map(bool, self._groups))
        self._count = min(images, self._limit.count(images)) if images > 1 else 1
        if self._count > 1:
            # Threads will do: they wait for processes of `docker buildx build`.
            self._pool = ThreadPoolExecutor(self._count, "build")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the builds that run; after an error, end them."""
        if self._pool is None:
            return
        if not all(build.done() for build in self._builds.values()):
            # An error or Ctrl-C has ended the turns. `shutdown` waits for the builds that run,
            # which may take as long as their time limit.
            self._limit.stop()
        self._pool.shutdown(cancel_futures=True)

    def wait(self, turn: int) -> None:
        """Wait for the builds of a group, and begin those of the groups that come next."""
        if self._pool is None:
            return
        numbers = (x for x in range(turn, len(self._groups)) if self._groups[x])
        for number in islice(numbers, self._count):
            if number not in self._builds:
                self._builds[number] = self._pool.submit(self._build, self._groups[number])
        if turn in self._builds:
            # An error of the build is raised here, in the turn of its image.
            self._builds[turn].result()
