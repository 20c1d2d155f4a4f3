"""GraphQL calls: mutations are recorded and answered with success, a comment is looked up.

GitHub's OpenAPI description does not cover GraphQL, so nothing here is checked against it: a test
learns that a mutation was sent, by which login and with which variables. The answers are short on
purpose; a test that needs another one puts it into `GitHubStandIn.mutations`. The one query is for
the author and the last editor of a comment, by its global ID.
"""

import re
from dataclasses import dataclass
from typing import Any

from tests.support.github.answers import Answer
from tests.support.github.records import Comment, Token

_MUTATION = re.compile(r"\bmutation\b[^{]*\{\s*(\w+)")

_COMMENT_QUERY = re.compile(
    r"query Q\(\$id: ID!\) \{ node\(id: \$id\) \{ __typename \.\.\. on IssueComment \{ "
    r"viewerDidAuthor author \{ login \} editor \{ login \} \} \} \}"
)

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


def parse_comment_id(body: Any) -> int | None:
    """Return the number of the comment that a query asks for; None for any other query."""
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str) or not _COMMENT_QUERY.fullmatch(" ".join(query.split())):
        return None
    return int(str(body["variables"]["id"]).removeprefix("IC_"))


def make_comment_answer(token: Token, comment: Comment) -> Answer:
    """Return the author and the last editor of a comment; logins of apps have no suffix here."""
    node = {
        "__typename": "IssueComment",
        "viewerDidAuthor": comment.author == token.login,
        "author": {"login": comment.author.removesuffix("[bot]")},
        "editor": {"login": comment.editor.removesuffix("[bot]")} if comment.editor else None,
    }
    return Answer(200, {"data": {"node": node}})
