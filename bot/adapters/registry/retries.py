"""How often a registry is asked again, and how long we wait for it."""

from types import TracebackType
from typing import Self

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.util.retry import Retry

_MAX_TRIES = 4
_MAX_WAIT_S = 30  # seconds; who is told to wait for longer would rather know it
_RETRY_STATUSES = (429, 500, 502, 503, 504)


class RegistryRetry(Retry):
    """A few more tries, each after a longer pause, or after the one that the registry asks for."""

    @classmethod
    def make_default(cls) -> Self:
        """That of every request."""
        return cls(
            total=_MAX_TRIES,
            connect=2,
            other=0,  # TLS that fails will fail again
            backoff_factor=0.5,
            status_forcelist=_RETRY_STATUSES,
            allowed_methods=("GET", "POST"),
            raise_on_status=False,
        )

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """One try fewer; MaxRetryError where the registry asks for a wait that nobody waits."""
        if response is not None and _pool is not None and read_retry_after(response) > _MAX_WAIT_S:
            raise MaxRetryError(_pool, url or "", ResponseError("asks for a long wait"))
        return super().increment(method, url, response, error, _pool, _stacktrace)


def read_retry_after(response: BaseHTTPResponse) -> float:
    """The seconds that an answer asks us to wait; 0 if it asks for nothing that can be understood."""
    try:
        return Retry().get_retry_after(response) or 0
    except InvalidHeader:
        return 0
