"""From a request to an answer, without a socket: who asks, for what, is it well-formed, do it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.support.github import graphql
from tests.support.github.answers import Answer, Refusal
from tests.support.github.call import Call
from tests.support.github.description import Description, Operation, OperationMatch
from tests.support.github.limits import limit_headers
from tests.support.github.records import Token
from tests.support.github.routes import Route
from tests.support.github.shapes.view import View
from tests.support.github.state import State

_DOCUMENTATION = "https://docs.github.com/rest"
_ENTERPRISE = "/api/v3"
_GRAPHQL = ("/graphql", "/api/graphql")
_VERSION = "2022-11-28"


@dataclass(frozen=True)
class Request:
    """A request as it came: `path` without the query, `headers` with names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    scheme: str = "http"

    @property
    def route(self) -> str:
        """Return the path without an Enterprise Server's prefix `/api/v3`."""
        return self.path.removeprefix(_ENTERPRISE) or "/"

    @property
    def is_graphql(self) -> bool:
        """Return True for the GraphQL endpoint."""
        return self.path in _GRAPHQL


@dataclass(frozen=True)
class Violation:
    """A request, or an answer of our own, that GitHub's description does not allow."""

    side: str
    method: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.side} of {self.method} {self.path}: {self.reason}"


class Service:
    """Answers requests out of a state, and remembers every violation."""

    def __init__(self, state: State, description: Description, routes: Mapping[str, Route]) -> None:
        self._state = state
        self._description = description
        self._routes = routes
        self._used: dict[str, int] = {}
        self.violations: list[Violation] = []
        self.mutations = dict(graphql.MUTATIONS)
        self.graphql: list[graphql.Mutation] = []

    def answer(self, request: Request) -> Answer:
        """Return the answer with all its headers."""
        token, operation = None, None
        try:
            token = self._authenticate(request)
            if request.is_graphql:
                answer = self._graphql(request, token)
            else:
                match = self._find_operation(request)
                operation = match.operation
                answer = self._check_answer(request, operation, self._work(request, token, match))
        except Refusal as refusal:
            answer = self._refused(request, operation, refusal)
        return self._add_headers(request, token, answer)

    def _authenticate(self, request: Request) -> Token | None:
        """Return the token; a wrong one is refused, and a missing User-Agent too."""
        if not request.headers.get("user-agent"):
            message = "Request forbidden by administrative rules. User-Agent header is missing."
            raise Refusal(HTTPStatus.FORBIDDEN, message)
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        token = self._state.tokens.get(value.strip())
        if token is None or scheme.lower() not in {"token", "bearer"}:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "Bad credentials")
        self._used[token.value] = self._used.get(token.value, 0) + 1
        return token

    def _find_operation(self, request: Request) -> OperationMatch:
        """Return the operation; a path outside of the description is the client's mistake."""
        match = self._description.find(request.method, request.route)
        if match is None or match.operation.id not in self._routes:
            self._violates(request, "request", "the stand-in serves no such operation")
            raise Refusal(HTTPStatus.NOT_FOUND, "Not Found")
        return match

    def _work(self, request: Request, token: Token | None, match: OperationMatch) -> Answer:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        body = self._json(request)
        problems = self._description.request_problems(match, query, body)
        if problems:
            for problem in problems:
                self._violates(request, "request", problem)
            message = f"Invalid request.\n\n{problems[0]}"
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, message)
        view = View(self._state, *_addresses(request))
        call = Call(view, token, request.route, match.values, query, body)
        return self._routes[match.operation.id](call)

    def _json(self, request: Request) -> Any:
        if not request.body:
            return None
        try:
            return json.loads(request.body)
        except ValueError as error:
            self._violates(request, "request", f"the body is no JSON: {error}")
            raise Refusal(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from error

    def _refused(self, request: Request, operation: Operation | None, refusal: Refusal) -> Answer:
        if operation is None:
            return refusal.answer(_DOCUMENTATION)
        return self._check_answer(request, operation, refusal.answer(operation.documentation))

    def _check_answer(self, request: Request, operation: Operation, answer: Answer) -> Answer:
        """Return the answer if it matches GitHub's description, else an error."""
        body = json.loads(json.dumps(answer.body))
        problems = self._description.answer_problems(operation, answer.status, body)
        if not problems:
            return answer
        for problem in problems:
            self._violates(request, "answer", f"{answer.status}: {problem}")
        reason = f"The stand-in's own answer violates GitHub's description: {problems[0]}"
        return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"message": reason})

    def _graphql(self, request: Request, token: Token | None) -> Answer:
        if token is None:
            message = "This endpoint requires you to be authenticated."
            raise Refusal(HTTPStatus.UNAUTHORIZED, message)
        comment = self._state.issue_comments.get(graphql.parse_comment_id(self._json(request)) or 0)
        if comment is not None:
            return graphql.make_comment_answer(token, comment)
        mutation = graphql.parse_mutation(token, self._json(request))
        if mutation is None or mutation.name not in self.mutations:
            self._violates(request, "request", "no GraphQL mutation that the stand-in knows")
            raise Refusal(HTTPStatus.BAD_REQUEST, "Problems parsing the query")
        self.graphql.append(mutation)
        return graphql.make_answer(mutation, self.mutations[mutation.name])

    def _violates(self, request: Request, side: str, reason: str) -> None:
        self.violations.append(Violation(side, request.method, request.route, reason))

    def _add_headers(self, request: Request, token: Token | None, answer: Answer) -> Answer:
        """Add the headers that all answers have; return 304 if nothing has changed."""
        used = self._used.get(token.value, 0) if token else 0
        headers = {
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": _VERSION,
            **limit_headers(token, used, self._state.now()),
            **answer.headers,
        }
        if request.method != "GET" or answer.status != HTTPStatus.OK:
            return replace(answer, headers=headers)
        digest = hashlib.sha256(json.dumps(answer.body).encode()).hexdigest()
        headers["ETag"] = f'W/"{digest}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Answer(HTTPStatus.NOT_MODIFIED, headers=headers)
        return replace(answer, headers=headers)


def _addresses(request: Request) -> tuple[str, str]:
    """Return the API and web URLs by which the request came in, for links in answers."""
    web = f"{request.scheme}://{request.headers.get('host', '127.0.0.1')}"
    prefixed = request.path.startswith(_ENTERPRISE)
    return (web + _ENTERPRISE if prefixed else web), web
