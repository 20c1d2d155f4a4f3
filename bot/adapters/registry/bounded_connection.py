"""Connections to a registry whose headers must arrive in time.

The timeout of a request is that of a pause between two pieces, and a server may send a byte a
second. So a timer ends the connection if the status and the headers of an answer take too long;
bodies are bounded where they are read.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from bot.adapters.certificates import LenientAdapter


class BoundedAdapter(HTTPAdapter):
    """An adapter of requests with such connections, direct ones and through proxies."""

    def __init__(self, header_time_s: float, **options: Any) -> None:
        self._pools = _make_pools(header_time_s)
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pool of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


class LenientBoundedAdapter(BoundedAdapter, LenientAdapter):
    """The same for servers with an authority that the user has named."""


def _make_pools(header_time_s: float) -> Mapping[str, type[HTTPConnectionPool]]:
    """Return the classes of pools by scheme."""

    class Connection(HTTPConnection):
        def getresponse(self) -> Any:
            """Return the next answer with its body unread; TimeoutError if it takes too long."""
            with _ending_after(self.sock, header_time_s):
                return super().getresponse()

    class TlsConnection(HTTPSConnection):
        def getresponse(self) -> Any:
            """Return the next answer with its body unread; TimeoutError if it takes too long."""
            with _ending_after(self.sock, header_time_s):
                return super().getresponse()

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": Pool, "https": TlsPool}


@contextmanager
def _ending_after(connection: socket.socket | None, time_s: float) -> Iterator[None]:
    """End a connection after so many seconds, and raise TimeoutError where that was done."""
    is_ended = False

    def end() -> None:
        nonlocal is_ended
        is_ended = True
        with suppress(OSError):
            if connection:
                # Not `close`, which would not wake the thread that reads from it.
                connection.shutdown(socket.SHUT_RDWR)

    timer = Timer(time_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as problem:
        if is_ended:
            raise TimeoutError(f"its headers take longer than {time_s:g} s") from problem
        raise
    finally:
        timer.cancel()
    if is_ended:  # headers that were cut off look complete to http.client
        raise TimeoutError(f"its headers take longer than {time_s:g} s")
