"""A file that is kept whole while it passes by in a stream."""


class CapturedFile:
    """Keeps a database for its reader, who looks at it when all of the layer was seen."""

    is_done = False
    is_binary = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""
        self._parts.append(bytes(data))

    @property
    def content(self) -> bytes:
        """All that was fed."""
        return b"".join(self._parts)
