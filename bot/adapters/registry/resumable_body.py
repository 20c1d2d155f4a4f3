"""The bytes of a blob, resumed after a broken connection."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from requests import RequestException, Response
from urllib3.exceptions import HTTPError

from bot.image.layers.streams import Unreadable

_MAX_TRIES = 5
_RETRY_PAUSE_S = 0.5  # seconds, longer from try to try


@dataclass(frozen=True, slots=True)
class Pace:
    """The least that a download must bring: `min_bytes` in every `window_s` seconds of waiting."""

    min_bytes: int = 600_000
    window_s: float = 60


class ResumableBody(io.RawIOBase):
    """A blob of a known size as a stream; a broken download resumes at its offset."""

    def __init__(
        self,
        open_at: Callable[[int], Response],
        size: int,
        stopped: Event,
        pace: Pace = Pace(),
    ) -> None:
        """Take `open_at`, which requests the blob from an offset, and the stop event."""
        self._open_at, self._size, self._stopped, self._pace = open_at, size, stopped, pace
        self._window_bytes, self._window_time_s = 0, 0.0
        self._response: Response | None = None
        self._offset = self._failures = 0

    def readable(self) -> bool:
        """Return True, as a raw stream for reading must."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes; raise Unreadable if the blob is longer or shorter than stated."""
        # At its end one byte more is asked for: a blob that goes on is not that of the manifest.
        data = self._read_next(min(len(buffer), self._size - self._offset) or 1)
        self._offset += len(data)
        if self._offset > self._size:
            raise Unreadable(f"a blob has more than the {self._size} bytes of its manifest")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the connection."""
        if self._response is not None:
            self._response.close()
            self._response = None
        super().close()

    def _read_next(self, size: int) -> bytes:
        while True:
            if self._stopped.is_set():
                raise Unreadable("the download was stopped")
            try:
                data = self._read_piece(self._open_response(), size)
            except (HTTPError, RequestException, OSError) as problem:
                self._give_up_or_wait(problem)
                continue
            if data or self._offset == self._size:
                return data
            self._give_up_or_wait("the answer ended too early")

    def _read_piece(self, response: Response, size: int) -> bytes:
        """Return what has arrived; raise Unreadable if that is too little for too long.

        Only the time of waiting counts, and not what is done with the bytes.
        """
        started = time.monotonic()
        data: bytes = response.raw.read1(size, decode_content=False)
        self._window_time_s += time.monotonic() - started
        self._window_bytes += len(data)
        if self._window_time_s > self._pace.window_s:
            if self._window_bytes < self._pace.min_bytes:
                raise Unreadable(
                    f"the registry sends too slowly: {self._window_bytes:,} bytes of a layer in "
                    f"{self._window_time_s:.0f} s"
                )
            self._window_bytes, self._window_time_s = 0, 0.0
        return data

    def _open_response(self) -> Response:
        if self._response is None:
            self._response = self._open_at(self._offset)
            # 200 in place of 206: the server does not know ranges and sends all (RFC 9110, 14.2).
            if self._response.status_code != 206:
                self._check_length(self._response)
                self._skip_to_offset(self._response)
        return self._response

    def _check_length(self, response: Response) -> None:
        """Raise Unreadable for a wrong length, which another try would not fix."""
        length = response.headers.get("Content-Length", "")
        # As texts: a number of thousands of digits would be an error of Python's.
        if length.isdecimal() and (length.lstrip("0") or "0") != str(self._size):
            raise Unreadable(f"a blob has {length} bytes where its manifest says {self._size}")

    def _skip_to_offset(self, response: Response) -> None:
        """Skip what is already read, for a server without range requests."""
        remaining = self._offset
        while remaining and (
            data := response.raw.read(min(remaining, 1 << 20), decode_content=False)
        ):
            remaining -= len(data)

    def _give_up_or_wait(self, problem: object) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None
        self._failures += 1
        if self._failures >= _MAX_TRIES:
            raise Unreadable(
                f"the connection broke {_MAX_TRIES} times, "
                f"after {self._offset} of {self._size} bytes of a layer: {problem}"
            )
        time.sleep(_RETRY_PAUSE_S * self._failures)
