"""A Docker Engine behind a socket that fails once: the real engine's answers, but for one request.

    with FaultyEngine(engine.socket, folder / "docker.sock", nth=12, fault=EngineFault.STATUS_500):
        ...

Requests are counted in the order in which they arrive, those of buildx included; with `matching`,
only those with a path and query that the expression finds something in. With `delay_s`, each of
these waits so many seconds first, as on a machine with other work.
"""

import re
import socket
import threading
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Self

_REQUEST = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE) (/\S*) HTTP/1\.1\r\n")
# After these the connection speaks gRPC, in which a request of HTTP/1.1 is only data.
_UPGRADES = re.compile(rb"/(?:grpc|session)$")
_CHUNK_BYTES = 65_536


class EngineFault(StrEnum):
    """The answer to the one request that fails."""

    STATUS_500 = "500"
    STATUS_409 = "409"
    EMPTY_LIST = "an empty list"
    HTML = "a page of HTML"
    BREAK = "the connection breaks"
    DEATH = "the engine ends"


_ANSWERS = {
    EngineFault.STATUS_500: (b"500 Internal Server Error", b'{"message":"out of luck"}'),
    EngineFault.STATUS_409: (b"409 Conflict", b'{"message":"in use"}'),
    EngineFault.EMPTY_LIST: (b"200 OK", b"[]"),
    EngineFault.HTML: (b"200 OK", b"<html>a proxy</html>"),
}


class FaultyEngine:
    """A relay to an engine's socket; the `nth` request gets `fault` (none if `nth` is 0)."""

    def __init__(
        self,
        upstream: Path,
        path: Path,
        nth: int = 0,
        fault: EngineFault = EngineFault.BREAK,
        matching: str = "",
        delay_s: float = 0,
    ) -> None:
        self._upstream, self.path, self._nth, self._fault = upstream, path, nth, fault
        self._matching, self._matches = re.compile(matching), 0
        self._delay_s = delay_s
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self.requests: list[str] = []

    def __enter__(self) -> Self:
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self.path.unlink(missing_ok=True)

    @property
    def was_struck(self) -> bool:
        """True once the request that fails has arrived."""
        return 0 < self._nth <= self._matches

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(str(self._upstream))
            with self._lock:
                self._connections += [client, engine]
            threading.Thread(
                target=self._relay_requests, args=(client, engine), daemon=True
            ).start()
            threading.Thread(target=_relay, args=(engine, client), daemon=True).start()

    def _relay_requests(self, client: socket.socket, engine: socket.socket) -> None:
        """Hand requests on until one of them fails, or the connection turns to gRPC."""
        is_http = True
        with suppress(OSError):
            while data := client.recv(_CHUNK_BYTES):
                request = _REQUEST.match(data) if is_http else None
                if request:
                    is_http = not _UPGRADES.search(request[1])
                    if self._is_struck(request[1].decode()):
                        self._misbehave(client, engine)
                        return
                    if self._matching.search(request[1].decode()):
                        time.sleep(self._delay_s)
                engine.sendall(data)
            engine.shutdown(socket.SHUT_WR)

    def _is_struck(self, path: str) -> bool:
        with self._lock:
            self.requests.append(path)
            if not self._matching.search(path):
                return False
            self._matches += 1
            return self._matches == self._nth

    def _misbehave(self, client: socket.socket, engine: socket.socket) -> None:
        if self._fault is EngineFault.DEATH:
            self._end()
            return
        if self._fault in _ANSWERS:
            status, body = _ANSWERS[self._fault]
            client.sendall(
                b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                b"Connection: close\r\n\r\n%s" % (status, len(body), body)
            )
        for connection in (client, engine):
            connection.shutdown(socket.SHUT_RDWR)

    def _end(self) -> None:
        """Close everything, and refuse what comes."""
        self._listener.close()
        self.path.unlink(missing_ok=True)
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def _relay(source: socket.socket, target: socket.socket) -> None:
    """Copy until the source ends; a target that is gone ends the source, as it would directly."""
    try:
        while data := source.recv(_CHUNK_BYTES):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        with suppress(OSError):
            source.shutdown(socket.SHUT_RDWR)
