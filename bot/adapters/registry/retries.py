"""The retry policy of registry requests."""

from types import TracebackType
from typing import Self

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError, ResponseError
from urllib3.util.retry import Retry

_MAX_RETRIES = 4
_MAX_WAIT_S = 30  # a longer wait is reported, so that a job does not seem to hang
_RETRY_STATUSES = (429, 500, 502, 503, 504)


class RegistryRetry(Retry):
    """A few more tries, after growing pauses or the one that the registry asks for."""

    @classmethod
    def make_default(cls) -> Self:
        """Return the policy of every request."""
        return cls(
            total=_MAX_RETRIES,
            connect=2,
            other=0,  # TLS that fails will fail again
            backoff_factor=0.5,
            status_forcelist=_RETRY_STATUSES,
            # POST only asks for a token, and may be repeated.
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
        """Use up one retry; raise MaxRetryError where the next try would take too long, too."""
        if isinstance(error, ReadTimeoutError) and _pool is not None:
            raise MaxRetryError(_pool, url or "", error)
        if response is not None and _pool is not None and read_retry_after(response) > _MAX_WAIT_S:
            raise MaxRetryError(
                _pool, url or "", ResponseError("the registry asks for too long a wait")
            )
        return super().increment(method, url, response, error, _pool, _stacktrace)


def read_retry_after(response: BaseHTTPResponse) -> float:
    """Return the seconds that an answer asks to wait; 0 if it names none that is valid."""
    try:
        return Retry().get_retry_after(response) or 0
    except InvalidHeader:
        return 0
