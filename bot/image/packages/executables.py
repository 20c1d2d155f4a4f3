"""Programs that say what they were built from: Go's and Rust's."""

from collections.abc import Iterator, Sequence

from bot.image.packages import elf_section, go, rust
from bot.image.packages.package import Package

_MIN_PROGRAM_BYTES = 100_000  # bytes; both languages link their own library in
_EXCLUDED_SUFFIXES = frozenset(
    {"py", "sh", "pl", "rb", "js", "mjs", "php", "a", "o", "bat", "exe", "dll", "txt"}
)
_WINDOW_BYTES = 48 << 20
_HEAD_BYTES = 64 << 10


def is_candidate(path: str, size: int) -> bool:
    """Whether an executable may be of that kind, by its name: no script and no library."""
    name = path.rpartition("/")[2]
    return (
        size >= _MIN_PROGRAM_BYTES
        and name.rpartition(".")[2] not in _EXCLUDED_SUFFIXES
        and ".so" not in name
    )


class ProgramProbe:
    """Looks through a program window by window; one that fits into a window is there as a whole."""

    is_binary = True

    def __init__(self, path: str, size: int) -> None:
        self._path, self._remaining = path, size
        self._window, self._window_start = bytearray(), 0
        self._has_rust_marks = False
        self.packages: Sequence[Package] = ()

    @property
    def is_done(self) -> bool:
        """Whether the rest of the file would tell no more."""
        return self._window_start < 0

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""
        self._remaining -= len(data)
        if self.is_done:
            return
        self._window += data
        if self._window_start == 0 and not self._can_hold_packages():
            self._stop()
        elif self._remaining <= 0 or len(self._window) >= _WINDOW_BYTES:
            self._search_window()

    def _can_hold_packages(self) -> bool:
        """Whether its beginning lets hope for more: it is an ELF file, and Go's if it is giant."""
        if len(self._window) < _HEAD_BYTES:
            return True
        whole = len(self._window) + self._remaining
        start = self._window[:_HEAD_BYTES]
        return start.startswith(elf_section.MAGIC) and (
            whole <= _WINDOW_BYTES or go.ELF_NOTE_NAME in start
        )

    def _search_window(self) -> None:
        """Searches the window, and moves it on; what may go on behind it is looked at again."""
        if self._window_start == 0 and not self._window.startswith(elf_section.MAGIC):
            return self._stop()
        ended = self._remaining <= 0
        found = next(
            self._find_go_packages(
                len(self._window) if ended else len(self._window) - go.MAX_BUILD_INFO_BYTES
            ),
            None,
        )
        self._has_rust_marks = self._has_rust_marks or any(
            mark in self._window for mark in rust.RUSTC_PATH_MARKS
        )
        if found:
            self.packages = (found,)
        elif ended and self._has_rust_marks:
            whole = bytes(self._window) if self._window_start == 0 else b""
            self.packages = (rust.read_package(self._path, whole),)
        return self._stop() if ended or found else self._advance_window()

    def _find_go_packages(self, end: int) -> Iterator[Package]:
        """What is at Go's magic; a program may hold the same bytes for other reasons."""
        place = self._window.find(go.BUILD_INFO_MAGIC, 0, end)
        while place >= 0:
            info = bytes(self._window[place : place + go.MAX_BUILD_INFO_BYTES])
            if (self._window_start + place) % go.ALIGNMENT_BYTES == 0 and (
                told := go.read_package(self._path, info)
            ):
                yield told
            place = self._window.find(go.BUILD_INFO_MAGIC, place + 1, end)

    def _advance_window(self) -> None:
        self._window_start += len(self._window) - go.MAX_BUILD_INFO_BYTES
        del self._window[: -go.MAX_BUILD_INFO_BYTES]

    def _stop(self) -> None:
        self._window, self._window_start = bytearray(), -1
