"""A file that is kept whole while its layer passes by as a stream."""


class CapturedFile:
    """A database kept for its detector, which runs when the layer was read to its end."""

    is_done = False
    is_binary = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        self._parts.append(bytes(data))

    @property
    def content(self) -> bytes:
        """Return everything that was fed."""
        return b"".join(self._parts)
