"""Programs that say what they were built from: Go's and Rust's."""

from collections.abc import Iterator, Sequence

from bot.image.packages import elf, go, rust
from bot.image.packages.package import Package

_SMALLEST = 100_000  # bytes; both languages link their own library in
_NEVER = frozenset(
    {"py", "sh", "pl", "rb", "js", "mjs", "php", "a", "o", "bat", "exe", "dll", "txt"}
)
_WINDOW = 48 << 20
_BEGINNING = 64 << 10


def wants(path: str, size: int) -> bool:
    """Whether an executable may be of that kind, by its name: no script and no library."""
    name = path.rpartition("/")[2]
    return size >= _SMALLEST and name.rpartition(".")[2] not in _NEVER and ".so" not in name


class Program:
    """Looks through a program window by window; one that fits into a window is there as a whole."""

    binary = True

    def __init__(self, path: str, size: int) -> None:
        self._path, self._left = path, size
        self._window, self._start = bytearray(), 0
        self._rust = False
        self.packages: Sequence[Package] = ()

    @property
    def done(self) -> bool:
        """Whether the rest of the file would tell no more."""
        return self._start < 0

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""
        self._left -= len(data)
        if self.done:
            return
        self._window += data
        if self._start == 0 and not self._promises():
            self._stop()
        elif self._left <= 0 or len(self._window) >= _WINDOW:
            self._look()

    def _promises(self) -> bool:
        """Whether its beginning lets hope for more: it is an ELF file, and Go's if it is giant."""
        if len(self._window) < _BEGINNING:
            return True
        whole = len(self._window) + self._left
        start = self._window[:_BEGINNING]
        return start.startswith(elf.MAGIC) and (whole <= _WINDOW or go.NOTE in start)

    def _look(self) -> None:
        """Searches the window, and moves it on; what may go on behind it is looked at again."""
        if self._start == 0 and not self._window.startswith(elf.MAGIC):
            return self._stop()
        ended = self._left <= 0
        found = next(
            self._go(len(self._window) if ended else len(self._window) - go.MAX_INFO), None
        )
        self._rust = self._rust or any(mark in self._window for mark in rust.MARKS)
        if found:
            self.packages = (found,)
        elif ended and self._rust:
            whole = bytes(self._window) if self._start == 0 else b""
            self.packages = (rust.read(self._path, whole),)
        return self._stop() if ended or found else self._move()

    def _go(self, end: int) -> Iterator[Package]:
        """What is at Go's magic; a program may hold the same bytes for other reasons."""
        place = self._window.find(go.MAGIC, 0, end)
        while place >= 0:
            info = bytes(self._window[place : place + go.MAX_INFO])
            if (self._start + place) % go.ALIGNMENT == 0 and (told := go.read(self._path, info)):
                yield told
            place = self._window.find(go.MAGIC, place + 1, end)

    def _move(self) -> None:
        self._start += len(self._window) - go.MAX_INFO
        del self._window[: -go.MAX_INFO]

    def _stop(self) -> None:
        self._window, self._start = bytearray(), -1
