"""Misbehaviour on demand: the answers and the silences that a client must survive.

    server.inject_fault(match_requests("POST", r".*/comments"), fault=Status(502))
    server.inject_fault(match_requests("POST", r".*/comments"), fault=Reset(), after_work=True)

With `after_work` the request has its effect, and only the answer goes wrong. That is the case in
which a client that simply tries again posts twice. `Stall` and `Truncate` always do the work.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_JSON_ERROR = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Status:
    """Another answer. A body that is no text is written as JSON."""

    code: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reset:
    """The connection breaks after so many bytes of the answer."""

    after_bytes: int = 0


@dataclass(frozen=True)
class Stall:
    """The answer comes, but not before so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Truncate:
    """The connection ends properly, and half of the promised answer never comes."""


@dataclass(frozen=True)
class ConcurrentChange:
    """Nothing goes wrong with the request, but the world changes just before it, or just after."""

    change: Callable[[], object]


Fault = Status | Reset | Stall | Truncate | ConcurrentChange


@dataclass(frozen=True)
class Matcher:
    """Requests by method (`*` for any) and by a pattern for the whole path, without the query."""

    method: str
    path: str

    def matches(self, method: str, path: str) -> bool:
        """Return True if the request matches."""
        return self.method in {"*", method} and re.fullmatch(self.path, path) is not None


def match_requests(method: str, path: str) -> Matcher:
    """Return a matcher for the requests that fail."""
    return Matcher(method, path)


@dataclass
class FaultPlan:
    """From the `nth` matching request on, as many as `times` go wrong."""

    matcher: Matcher
    fault: Fault
    nth: int
    times: int
    after_work: bool
    matched_requests: int = 0

    def applies_to(self, method: str, path: str) -> bool:
        """Count the request if it matches, and return True if it fails."""
        if not self.matcher.matches(method, path):
            return False
        self.matched_requests += 1
        return self.nth <= self.matched_requests < self.nth + self.times


class Faults:
    """The misbehaviour that is still to come."""

    def __init__(self) -> None:
        self._plans: list[FaultPlan] = []

    def add(self, plan: FaultPlan) -> None:
        """Add a fault; earlier ones take precedence."""
        self._plans.append(plan)

    def next_fault(self, method: str, path: str) -> FaultPlan | None:
        """Return the fault of this request; every plan counts it, one is applied."""
        struck = [plan for plan in self._plans if plan.applies_to(method, path)]
        return struck[0] if struck else None


def _error(message: str) -> dict[str, str]:
    return {"message": message, "documentation_url": _JSON_ERROR}


def bad_credentials() -> Status:
    """Return the answer for a token that has expired."""
    return Status(401, _error("Bad credentials"))


def no_permission() -> Status:
    """Return the answer for a workflow's token that lacks a right."""
    return Status(403, _error("Resource not accessible by integration"))


def secondary_rate_limit(retry_after: int = 60) -> Status:
    """Return the answer for too many requests at once, with a requested pause."""
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    )
    return Status(403, _error(message), {"Retry-After": str(retry_after)})


def primary_rate_limit(reset: datetime) -> Status:
    """Return the answer when the hour's requests are used up."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(reset.timestamp()))}
    return Status(403, _error("API rate limit exceeded for installation ID 1."), headers)


def unavailable(code: int = 502) -> Status:
    """Return an error page of GitHub's front end, which is HTML and no JSON."""
    return Status(code, "<html><body>Unicorn!</body></html>", {"Content-Type": "text/html"})
