"""A stand-in for GitHub that holds itself, and its clients, to GitHub's own description.

See README.md in this folder.
"""

if __name__ != "tests.support.github":  # pragma: no cover
    raise ImportError(
        f"tests/support/github was imported as {__name__!r}, where it hides PyGithub's own package. "
        "Keep tests/__init__.py, and start from the root of the repository."
    )

from tests.support.github.faults import (
    ConcurrentChange,
    Reset,
    Stall,
    Status,
    Truncate,
    match_requests,
)
from tests.support.github.stand_in import GitHubStandIn

__all__ = [
    "ConcurrentChange",
    "GitHubStandIn",
    "Reset",
    "Stall",
    "Status",
    "Truncate",
    "match_requests",
]
