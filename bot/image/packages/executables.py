"""Programs that contain their own build information: Go's and Rust's."""

from collections.abc import Iterator, Sequence

from bot.image.packages import elf_section, go, rust
from bot.image.packages.package import Package

_MIN_PROGRAM_BYTES = 100_000  # both languages link their standard library into each program
_EXCLUDED_SUFFIXES = frozenset(
    {"py", "sh", "pl", "rb", "js", "mjs", "php", "a", "o", "bat", "exe", "dll", "txt"}
)
_WINDOW_BYTES = 48 << 20  # the memory that one program may take
_HEAD_BYTES = 64 << 10
_MAX_MAGICS = 1000  # of Go, which are looked at in one window


def is_candidate(path: str, size: int) -> bool:
    """Return True if an executable may be one, by its name: no script and no library."""
    name = path.rpartition("/")[2]
    return (
        size >= _MIN_PROGRAM_BYTES
        and name.rpartition(".")[2] not in _EXCLUDED_SUFFIXES
        and ".so" not in name
    )


class ProgramProbe:
    """A search through a program in windows.

    Go's build information ends the search as soon as it was read: what follows it, a third of the
    program, is not needed. Else a program that fits into one window is read completely.
    """

    is_binary = True

    def __init__(self, path: str, size: int) -> None:
        self._path, self._remaining = path, size
        self._window, self._window_start = bytearray(), 0
        self._searched_bytes = self._magic_count = 0  # of the window
        self._has_rust_marks = False
        self.packages: Sequence[Package] = ()

    @property
    def is_done(self) -> bool:
        """Return True if the rest of the file is not needed."""
        return self._window_start < 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        self._remaining -= len(data)
        if self.is_done:
            return
        self._window += data
        if self._window_start == 0 and not self._can_hold_packages():
            self._stop()
        elif package := next(self._find_go_packages(), None):
            self.packages = (package,)
            self._stop()
        elif self._remaining <= 0 or len(self._window) >= _WINDOW_BYTES:
            self._finish_window()

    def _can_hold_packages(self) -> bool:
        """Return True if this is an ELF file, and Go's if it does not fit into a window.

        Rust's build information can only be read from a program that is there whole.
        """
        if len(self._window) < _HEAD_BYTES:
            return True
        program_bytes = len(self._window) + self._remaining
        head = self._window[:_HEAD_BYTES]
        return head.startswith(elf_section.MAGIC) and (
            program_bytes <= _WINDOW_BYTES or go.ELF_NOTE_NAME in head
        )

    def _finish_window(self) -> None:
        """Search the window for Rust's marks; advance it, with an overlap for what crosses it."""
        if not self._is_elf():
            self._stop()
            return
        self._has_rust_marks = self._has_rust_marks or any(
            mark in self._window for mark in rust.RUSTC_PATH_MARKS
        )
        if self._remaining > 0:
            self._advance_window()
            return
        # The marks only count once the file has ended without Go's information.
        if self._has_rust_marks:
            program = bytes(self._window) if self._window_start == 0 else b""
            self.packages = (rust.read_package(self._path, program),)
        self._stop()

    def _is_elf(self) -> bool:
        return self._window_start > 0 or self._window.startswith(elf_section.MAGIC)

    def _find_go_packages(self) -> Iterator[Package]:
        """Yield the packages at Go's magic bytes, which may also occur by chance.

        Where the information may go on in the next bytes, they are waited for.
        """
        end = len(self._window) - (0 if self._remaining <= 0 else go.MAX_BUILD_INFO_BYTES)
        while self._is_elf() and self._magic_count < _MAX_MAGICS:
            offset = self._window.find(go.BUILD_INFO_MAGIC, self._searched_bytes, max(end, 0))
            if offset < 0:
                # Magic bytes that cross the end are looked for again.
                unfinished = end - len(go.BUILD_INFO_MAGIC) + 1
                self._searched_bytes = max(self._searched_bytes, unfinished)
                return
            self._magic_count, self._searched_bytes = self._magic_count + 1, offset + 1
            info = bytes(self._window[offset : offset + go.MAX_BUILD_INFO_BYTES])
            if (self._window_start + offset) % go.ALIGNMENT_BYTES == 0 and (
                package := go.read_package(self._path, info)
            ):
                yield package

    def _advance_window(self) -> None:
        self._window_start += len(self._window) - go.MAX_BUILD_INFO_BYTES
        del self._window[: -go.MAX_BUILD_INFO_BYTES]
        self._searched_bytes = self._magic_count = 0

    def _stop(self) -> None:
        self._window, self._window_start = bytearray(), -1
