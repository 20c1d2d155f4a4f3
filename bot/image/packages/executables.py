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
    """A search through a program in windows; a program that fits into one is read completely."""

    is_binary = True

    def __init__(self, path: str, size: int) -> None:
        self._path, self._remaining = path, size
        self._window, self._window_start = bytearray(), 0
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
        elif self._remaining <= 0 or len(self._window) >= _WINDOW_BYTES:
            self._search_window()

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

    def _search_window(self) -> None:
        """Search the window, then advance it, with an overlap for what crosses its end."""
        if self._window_start == 0 and not self._window.startswith(elf_section.MAGIC):
            self._stop()
            return
        is_last = self._remaining <= 0
        overlap = 0 if is_last else go.MAX_BUILD_INFO_BYTES
        package = next(self._find_go_packages(len(self._window) - overlap), None)
        # Go's information ends the search; Rust's marks only count once the file has ended.
        self._has_rust_marks = self._has_rust_marks or any(
            mark in self._window for mark in rust.RUSTC_PATH_MARKS
        )
        if package:
            self.packages = (package,)
        elif is_last and self._has_rust_marks:
            program = bytes(self._window) if self._window_start == 0 else b""
            self.packages = (rust.read_package(self._path, program),)
        if is_last or package:
            self._stop()
        else:
            self._advance_window()

    def _find_go_packages(self, end: int) -> Iterator[Package]:
        """Yield the packages at Go's magic bytes, which may also occur by chance."""
        offset = self._window.find(go.BUILD_INFO_MAGIC, 0, end)
        for _ in range(_MAX_MAGICS):
            if offset < 0:
                return
            info = bytes(self._window[offset : offset + go.MAX_BUILD_INFO_BYTES])
            if (self._window_start + offset) % go.ALIGNMENT_BYTES == 0 and (
                package := go.read_package(self._path, info)
            ):
                yield package
            offset = self._window.find(go.BUILD_INFO_MAGIC, offset + 1, end)

    def _advance_window(self) -> None:
        self._window_start += len(self._window) - go.MAX_BUILD_INFO_BYTES
        del self._window[: -go.MAX_BUILD_INFO_BYTES]

    def _stop(self) -> None:
        self._window, self._window_start = bytearray(), -1
