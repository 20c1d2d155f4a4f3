"""Standard error in which nothing is obeyed, whoever writes to it.

Error messages, tracebacks, progress, warnings of libraries and argparse quote names, files and
answers that anybody may have written. In a job all of that is read by GitHub's runner.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class EscapedOutput(io.TextIOBase):
    """A stream that redacts and escapes whole lines.

    What has no line break yet is kept back: a command may be written in pieces. It is no terminal,
    so that argparse and tracebacks of Python 3.14 write no colours, which would be escaped.
    """

    def __init__(self, raw_stream: TextIO) -> None:
        self.raw_stream = raw_stream
        self._unfinished_line = ""

    def write(self, text: str) -> int:
        """Write the lines that are complete."""
        lines, line_break, self._unfinished_line = (self._unfinished_line + text).rpartition("\n")
        # Redacted first: an escaped character in the middle of a secret would hide it from the
        # search.
        if line_break:
            # Here, since both compile many expressions, and most runs write nothing.
            from bot.redaction import redact
            from bot.report.escape import log_lines

            self.raw_stream.write(log_lines(redact(lines)) + "\n")
        return len(text)

    def finish(self) -> None:
        """Write a last line that has no end."""
        if self._unfinished_line:
            self.write("\n")
        self.flush()

    def flush(self) -> None:
        """Flush the lines that are complete."""
        self.raw_stream.flush()

    def writable(self) -> bool:
        """Return True."""
        return True


@contextmanager
def escape_standard_error() -> Iterator[None]:
    """Escape everything that this process writes to `sys.stderr` within a `with` block."""
    raw_stream = sys.stderr
    sys.stderr = escaped_output = EscapedOutput(raw_stream)
    try:
        yield
    finally:
        sys.stderr = raw_stream
        escaped_output.finish()


def get_raw_stream(stream: TextIO) -> TextIO:
    """Return the stream below an escaped one, for own commands and a terminal's live line."""
    return stream.raw_stream if isinstance(stream, EscapedOutput) else stream
