"""The expressions of workflows, `${{ … }}`, as far as concurrency groups use them.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Mapping
from typing import Any

_TEMPLATE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>==|!=|&&|\|\||[!()])|(?P<word>[\w.-]+))"
)
_CONSTANTS = {"true": True, "false": False, "null": None}


def fill_template(template: Any, context: Mapping[str, Any]) -> Any:
    """Return the value of a key: that of a lone expression as it is, any other as text."""
    if not isinstance(template, str):
        return template
    expressions = _TEMPLATE.findall(template)
    if len(expressions) == 1 and _TEMPLATE.sub("", template).strip() == "":
        return evaluate(expressions[0], context)
    return _TEMPLATE.sub(lambda match: _to_text(evaluate(match[1], context)), template)


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Return the value of an expression; ValueError for what this reader does not know."""
    parser = _Parser(_split(expression), context)
    value = parser.read_or()
    if parser.tokens:
        raise ValueError(f"{expression!r} goes on with {parser.tokens[0]!r}")
    return value


def _split(expression: str) -> list[str]:
    tokens, position = [], 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if match is None:
            raise ValueError(f"{expression[position:]!r} is no expression")
        tokens.append(match[0].strip())
        position = match.end()
    return tokens


class _Parser:
    """A reader of tokens; `&&` binds more than `||`, and both return one of their values."""

    def __init__(self, tokens: list[str], context: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self._context = context

    def read_or(self) -> Any:
        value = self._read_and()
        while self._take("||"):
            other = self._read_and()
            value = value or other
        return value

    def _read_and(self) -> Any:
        value = self._read_comparison()
        while self._take("&&"):
            other = self._read_comparison()
            value = value and other
        return value

    def _read_comparison(self) -> Any:
        value = self._read_value()
        for sign in ("==", "!="):
            if self._take(sign):
                return _is_equal(value, self._read_value()) is (sign == "==")
        return value

    def _read_value(self) -> Any:
        if self._take("!"):
            return not self._read_value()
        if self._take("("):
            value = self.read_or()
            assert self._take(")")
            return value
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in _CONSTANTS:
            return _CONSTANTS[token]
        return float(token) if token[0].isdigit() else self._look_up(token)

    def _look_up(self, name: str) -> Any:
        value: Any = self._context
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _take(self, sign: str) -> bool:
        is_next = bool(self.tokens) and self.tokens[0] == sign
        if is_next:
            self.tokens.pop(0)
        return is_next


def _is_equal(value: Any, other: Any) -> bool:
    """Compare as GitHub does: texts in any case, and values of two types as numbers."""
    if isinstance(value, str) and isinstance(other, str):
        return value.lower() == other.lower()
    if type(value) is type(other):
        return bool(value == other)
    return _to_number(value) == _to_number(other)


def _to_number(value: Any) -> float:
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return float("nan")


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
