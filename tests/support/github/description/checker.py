"""Holds requests and answers against GitHub's own OpenAPI description.

A stand-in that is only as right as its author's memory proves nothing: this file is what makes a
green test mean that GitHub itself would have understood, and would have answered in that shape.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.support.github.description.schemas import Side, problems, with_nulls

_FILE = Path(__file__).with_name("api.github.com.json")
_JSON = "application/json"
# Most operations leave these out of their list of answers, yet every one of them may give them.
_ERROR = {"$ref": "#/components/schemas/basic-error"}
_INVALID = {"$ref": "#/components/schemas/validation-error"}
_UNWRITTEN: dict[int, Mapping[str, Any]] = {
    HTTPStatus.BAD_REQUEST: _ERROR,
    HTTPStatus.UNAUTHORIZED: _ERROR,
    HTTPStatus.FORBIDDEN: _ERROR,
    HTTPStatus.NOT_FOUND: _ERROR,
    HTTPStatus.UNPROCESSABLE_ENTITY: _INVALID,
}
_ADD_LABELS = ("issues/add-labels", "issues/set-labels")


@dataclass(frozen=True)
class Operation:
    """One method of one path, with every `$ref` of its parameters already followed."""

    id: str
    method: str
    template: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    answers: Mapping[str, Any]
    documentation: str

    def query_parameters(self) -> dict[str, Mapping[str, Any]]:
        """Return the query parameters by name."""
        return {each["name"]: each for each in self.parameters if each["in"] == "query"}

    def path_parameters(self) -> dict[str, Mapping[str, Any]]:
        """Return the parameters of the path template by name."""
        return {each["name"]: each for each in self.parameters if each["in"] == "path"}


@dataclass(frozen=True)
class OperationMatch:
    """An operation, and the values that a path gives to its parameters."""

    operation: Operation
    values: Mapping[str, str]


class Description:
    """The operations of a description, each found by method and path and checked by its schemas."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document = with_nulls(document)
        operations = [
            self._operation(template, method, spec)
            for template, item in document["paths"].items()
            for method, spec in item.items()
        ]
        # The more of a path is literal the better: a branch name may hold slashes, so
        # /commits/{ref} would take /commits/{ref}/status for a branch called "…/status".
        operations.sort(
            key=lambda operation: operation.template.count("/{") - operation.template.count("/")
        )
        self._patterns = [(_pattern(operation), operation) for operation in operations]

    @property
    def version(self) -> str:
        """Return the release of the npm package that the description comes from."""
        return str(self._document["info"]["version"])

    def operations(self) -> list[Operation]:
        """Return all operations of the description."""
        return [operation for _, operation in self._patterns]

    def find(self, method: str, path: str) -> OperationMatch | None:
        """Return the operation that GitHub would match to this request, if any."""
        for pattern, operation in self._patterns:
            match = pattern.fullmatch(path) if operation.method == method else None
            if match:
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return OperationMatch(operation, values)
        return None

    def request_problems(
        self, match: OperationMatch, query: Mapping[str, str], body: Any
    ) -> list[str]:
        """Return the problems of a request; `body` is None for none."""
        operation = match.operation
        headers = [
            *self._parameters(operation.path_parameters(), match.values, "path"),
            *self._parameters(operation.query_parameters(), query, "query"),
        ]
        return [*headers, *self._request_body(operation, body)]

    def answer_problems(self, operation: Operation, status: int, body: Any) -> list[str]:
        """Return the problems of an answer; `body` is None for none."""
        described = operation.answers.get(str(status))
        if described is None:
            return self._unwritten(operation, status, body)
        content = self._follow(described).get("content", {})
        if not content:
            return [] if body is None else [f"status {status} has no body"]
        return list(self._checked(content[_JSON]["schema"], body, Side.ANSWER))

    def _unwritten(self, operation: Operation, status: int, body: Any) -> list[str]:
        if status == HTTPStatus.NOT_MODIFIED:
            return []
        schema = _UNWRITTEN.get(status)
        if schema is None:
            return [f"{operation.id} has no answer with status {status}"]
        return list(self._checked(schema, body, Side.ANSWER))

    def _parameters(
        self, parameters: Mapping[str, Mapping[str, Any]], values: Mapping[str, str], location: str
    ) -> Iterator[str]:
        for name, text in values.items():
            if name not in parameters:
                yield f"{location} parameter {name!r} is not in the description"
                continue
            schema = parameters[name]["schema"]
            value = _convert(text, schema.get("type", "string"))
            for problem in self._checked(schema, value, Side.REQUEST):
                yield f"{location} parameter {name!r}: {problem}"

    def _request_body(self, operation: Operation, body: Any) -> Iterator[str]:
        if operation.body is None:
            if body is not None:
                yield f"{operation.id} takes no body"
        elif body is None:
            if operation.body.get("required", False):
                yield "the body is missing"
        else:
            schema = operation.body["content"][_JSON]["schema"]
            yield from self._checked(schema, _wrap_labels(operation, body), Side.REQUEST)

    def _checked(self, schema: Mapping[str, Any], value: Any, side: Side) -> Iterator[str]:
        return problems(self._document, schema, value, side)

    def _operation(self, template: str, method: str, spec: Mapping[str, Any]) -> Operation:
        return Operation(
            id=spec["operationId"],
            method=method.upper(),
            template=template,
            parameters=tuple(self._follow(each) for each in spec.get("parameters", ())),
            body=spec.get("requestBody"),
            answers=spec["responses"],
            documentation=spec["externalDocs"]["url"],
        )

    def _follow(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the node, or the target of its reference (`#/components/KIND/NAME`)."""
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self._document["components"][kind][name]
        return node


@cache
def load() -> Description:
    """Return the description in this folder; cached, since nothing changes it."""
    return Description(json.loads(_FILE.read_text(encoding="utf-8")))


def _pattern(operation: Operation) -> re.Pattern[str]:
    """Return a regular expression of the path; only marked parameters may hold slashes."""
    parameters = operation.path_parameters()

    def group(match: re.Match[str]) -> str:
        several = parameters[match[1]].get("x-multi-segment", False)
        return f"(?P<{match[1]}>{'.+' if several else '[^/]+'})"

    return re.compile(re.sub(r"\{(\w+)\}", group, operation.template))


def _convert(text: str, kind: str) -> Any:
    """Convert the text of a URL to the type that its schema requires."""
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _wrap_labels(operation: Operation, body: Any) -> Any:
    """Wrap a bare list of labels, which PyGithub sends; GitHub's schema omits that form."""
    if operation.id in _ADD_LABELS and isinstance(body, list):
        return {"labels": body}
    return body
