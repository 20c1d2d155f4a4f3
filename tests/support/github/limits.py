"""The rate limit headers of GitHub; the stand-in never enforces a limit."""

from datetime import datetime, timedelta

from tests.support.github.records import Token

_HOURLY = {"user": 5_000, "installation": 1_000}
_UNKNOWN = 60


def allowance(token: Token | None, used: int, now: datetime) -> dict[str, int]:
    """Return the hour's limit, the requests used, and the time of the reset."""
    limit = _HOURLY[token.kind] if token else _UNKNOWN
    reset = int((now + timedelta(hours=1)).timestamp())
    return {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": reset}


def limit_headers(token: Token | None, used: int, now: datetime) -> dict[str, str]:
    """Return the rate limit as headers, which every answer has."""
    limits = allowance(token, used, now)
    headers = {f"X-RateLimit-{name.title()}": str(value) for name, value in limits.items()}
    return {**headers, "X-RateLimit-Resource": "core"}
