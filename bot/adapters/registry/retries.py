"""How often a registry is asked again, and how long we wait for it."""

from types import TracebackType
from typing import Self

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.util.retry import Retry

_TRIES = 4
_LONGEST_WAIT = 30  # seconds; who is told to wait for longer would rather know it
_WORTH_A_RETRY = (429, 500, 502, 503, 504)


class Patience(Retry):
    """A few more tries, each after a longer pause, or after the one that the registry asks for."""

    @classmethod
    def usual(cls) -> Self:
        """That of every request."""
        return cls(
            total=_TRIES,
            connect=2,
            other=0,  # TLS that fails will fail again
            backoff_factor=0.5,
            status_forcelist=_WORTH_A_RETRY,
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
        if response is not None and _pool is not None and asked_wait(response) > _LONGEST_WAIT:
            raise MaxRetryError(_pool, url or "", ResponseError("asks for a long wait"))
        return super().increment(method, url, response, error, _pool, _stacktrace)


def asked_wait(response: BaseHTTPResponse) -> float:
    """The seconds that an answer asks us to wait; 0 if it asks for nothing that can be understood."""
    try:
        return Retry().get_retry_after(response) or 0
    except InvalidHeader:
        return 0
