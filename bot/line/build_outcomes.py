"""Images that are built at the moment, each once of a checkout, until nothing needs them any more.

An image of the repository may be the base of several others: it is kept until the last of them is
built, and removed then.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from bot.line.build_input import BuildInput
from bot.model.image import BuildFailure, BuiltImage


class BuildOutcomes:
    """Keeps the outcomes of builds that somebody needs; calls `remove` for each image."""

    def __init__(self, remove: Callable[[BuiltImage], None]) -> None:
        self._remove = remove
        self._holders: Counter[object] = Counter()
        self._outcomes: dict[object, BuiltImage | BuildFailure] = {}
        self._locks: dict[object, Lock] = {}
        self._lock = Lock()

    @contextmanager
    def hold(self, sources: Sequence[BuildInput]) -> Iterator[None]:
        """Keep the images of some inputs, and all that these are built on."""
        keys = dict.fromkeys(key for source in sources for key in _list_keys(source))
        # Only the main thread holds and releases: what other threads build is held before they
        # start.
        self._holders.update(keys.keys())
        try:
            yield
        finally:
            self._holders.subtract(keys.keys())
            for key in keys:
                # Failures are forgotten as well: what nobody needs is not asked for again.
                outcome = None if self._holders[key] else self._outcomes.pop(key, None)
                if isinstance(outcome, BuiltImage):
                    self._remove(outcome)

    def lock(self, source: BuildInput) -> Lock:
        """Return the lock of an input, which two threads may want to build at the same time."""
        with self._lock:
            return self._locks.setdefault(source.key, Lock())

    def find(self, source: BuildInput) -> BuiltImage | BuildFailure | None:
        """Return the outcome of an input that was built; None if it was not built yet."""
        return self._outcomes.get(source.key)

    def put(self, source: BuildInput, outcome: BuiltImage | BuildFailure) -> None:
        """Keep the outcome of an input that is held."""
        self._outcomes[source.key] = outcome


def _list_keys(source: BuildInput) -> Iterator[object]:
    """Yield the keys of an input and of all that it is built on, each once."""
    inputs = {source.key: source}
    pending = [source]
    while pending:
        bases = pending.pop().bases.values()
        pending += [base for base in bases if base.key not in inputs]
        inputs.update((base.key, base) for base in bases)
    yield from inputs
