"""What GitHub says about how many requests are left. Nothing here ever runs out."""

from datetime import datetime, timedelta

from tests.support.github.records import Token

_HOURLY = {"user": 5_000, "installation": 1_000}
_UNKNOWN = 60


def allowance(token: Token | None, used: int, now: datetime) -> dict[str, int]:
    """How many requests there are in the hour, how many are gone, and when the hour ends."""
    limit = _HOURLY[token.kind] if token else _UNKNOWN
    reset = int((now + timedelta(hours=1)).timestamp())
    return {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": reset}


def limit_headers(token: Token | None, used: int, now: datetime) -> dict[str, str]:
    """The same, as every answer carries it."""
    limits = allowance(token, used, now)
    headers = {f"X-RateLimit-{name.title()}": str(value) for name, value in limits.items()}
    return {**headers, "X-RateLimit-Resource": "core"}
