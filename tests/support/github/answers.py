"""The answers to a client: a result, or a refusal raised on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

MAX_BODY = 65_536


@dataclass(frozen=True)
class Answer:
    """`body` is what is written as JSON; None is no body at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An error answer: raised to end the work on a request."""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        errors: list[Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def answer(self, documentation: str) -> Answer:
        """Return the answer in the shape of GitHub's errors, with a documentation link."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        body |= {"documentation_url": documentation, "status": str(int(self.status))}
        return Answer(self.status, body, self.headers)


def not_found() -> Refusal:
    """Return 404 for what does not exist, or what the token may not see."""
    return Refusal(HTTPStatus.NOT_FOUND, "Not Found")


def invalid(resource: str, field_name: str, code: str, message: str = "") -> Refusal:
    """Return 422 for a well-formed request that cannot be followed."""
    error = {"resource": resource, "code": code, "field": field_name}
    return invalid_all([error | ({"message": message} if message else {})])


def invalid_all(errors: list[dict[str, str]]) -> Refusal:
    """Return 422 for several reasons."""
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", errors=errors)


def unprocessable(*errors: str) -> Refusal:
    """Return 422 with reasons as sentences, as the operations on reviews do."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return Refusal(status, "Unprocessable Entity", errors=list(errors))


def check_length(resource: str, body: str) -> None:
    """Refuse a body of more than 65,536 characters; GitHub does not count bytes."""
    if len(body) > MAX_BODY:
        message = f"Body is too long (maximum is {MAX_BODY} characters)"
        raise invalid(resource, "data", "unprocessable", message)
