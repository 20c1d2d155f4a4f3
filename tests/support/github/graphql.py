"""GraphQL calls, which are recorded and answered with success.

GitHub's OpenAPI description does not cover GraphQL, so nothing here is checked against it: a test
learns that a mutation was sent, by which login and with which variables. The answers are short on
purpose; a test that needs another one puts it into `GitHubStandIn.mutations`.
"""

import re
from dataclasses import dataclass
from typing import Any

from tests.support.github.answers import Answer
from tests.support.github.records import Token

_MUTATION = re.compile(r"\bmutation\b[^{]*\{\s*(\w+)")

MUTATIONS: dict[str, Any] = {
    "minimizeComment": {"minimizedComment": {"isMinimized": True}},
    "unminimizeComment": {"unminimizedComment": {"isMinimized": False}},
    "resolveReviewThread": {"thread": {"isResolved": True}},
}


@dataclass(frozen=True)
class Mutation:
    """A mutation that a client sent."""

    login: str
    name: str
    variables: Any
    query: str


def parse_mutation(token: Token, body: Any) -> Mutation | None:
    """Return the mutation in a request's body, or None."""
    query = body.get("query") if isinstance(body, dict) else None
    mutation = _MUTATION.search(query) if isinstance(query, str) else None
    if not isinstance(query, str) or mutation is None:
        return None
    return Mutation(token.login, mutation[1], body.get("variables"), query)


def make_answer(mutation: Mutation, data: Any) -> Answer:
    """Return the answer to a mutation that succeeds."""
    return Answer(200, {"data": {mutation.name: data}})
