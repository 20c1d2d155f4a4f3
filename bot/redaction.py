"""The removal of secrets from reports and messages.

A value is replaced by `***` if it is a known secret or looks like one. Reports quote
Dockerfiles, and people write tokens into ARG, ENV and RUN. The forms are in data/secrets.txt.
"""

from __future__ import annotations

import base64
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from bot.pattern_lists import read_pattern_list

if TYPE_CHECKING:  # an error message is redacted, too, and needs no report
    from bot.model.report import ImageReport, Report

Redactable = TypeVar("Redactable")
REDACTED = "***"
_MIN_SECRET_LENGTH = 4
# The last line of a long Base64 text may be a few characters, which are in other words, too.
_MIN_ENCODED_LENGTH = 8
_BASE64_LINE = 76  # characters, as `base64` prints them
_HARMLESS_VALUES = frozenset({"true", "false", "none", "null"})
_LIST = "secrets.txt"
_SECTIONS = read_pattern_list("bot", _LIST)
_NAME = _SECTIONS["secret names"].expression
_SECRET_NAME = re.compile(_NAME)
_VALUE = r"""(?P<secret>"[^"]+"|'[^']+'|[^\s"'&|;]+)"""
_WORD_WITH_DIGIT = r"""(?P<secret>[^\s"'\d]{0,100}\d[^\s"']*)"""
# A secret behind a name that says so; a file or a folder of secrets is none itself. What stands in
# front of the name is not matched where it does not matter: a search from each letter is slow.
_SUFFIX = r"(?:S|[_-](?!(?i:FILE|PATH|DIR)\b)[\w-]{0,60})?"
# An option and its value, `ENV NAME value`, an assignment, and the two forms of documents.
_NAMED_SECRETS = (
    rf"(?<![\w-])--?[A-Za-z-]{{0,60}}?{_NAME}\s+(?!-|id=|type=|src=){_VALUE}",
    rf"\b(?i:ENV)\s+[\w-]{{0,60}}{_NAME}[\w-]{{0,60}}\s+(?P<secret>[^\s=]+)(?=\s|\Z)",
    rf"{_NAME}{_SUFFIX}\s?=(?!=){_VALUE}",
    # JSON, and a line of YAML
    rf"""{_NAME}{_SUFFIX}["']\s*:\s*{_VALUE}""",
    rf"(?m:^)[ \t]*[\w-]{{0,60}}{_NAME}{_SUFFIX}:[ \t]+{_WORD_WITH_DIGIT}(?=[ \t]*(?m:$))",
)
_PATTERNS = tuple(
    re.compile(expression)
    for expression in (
        *(section.expression for name, section in _SECTIONS.items() if name != "secret names"),
        *_NAMED_SECRETS,
    )
)
_KINDS_WITHOUT_TEXT = frozenset({bool, float, int})
_KEY_END = "-----END"
# Where a key begins and does not end on the same line, the lines that follow are secret.
_KEY_WITHOUT_END = re.compile(
    rf"-----BEGIN (?:{'|'.join(_SECTIONS['private keys'].names)})-----(?!.*{_KEY_END})"
)


def find_secret_values(build_args: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the build arguments that are secrets by their names."""
    return tuple(value for name, value in build_args.items() if value and _SECRET_NAME.search(name))


def split_secret(value: str) -> tuple[str, ...]:
    """Return the lines of a secret that can be masked: programs print it line by line.

    What is shorter, or a word such as `true`, would mask half of a log or a report.
    """
    lines = (line.strip() for line in re.split(r"[\r\n]+", value))
    return tuple(x for x in lines if len(x) >= _MIN_SECRET_LENGTH and not _is_harmless(x))


def list_secret_forms(value: str) -> tuple[str, ...]:
    """Return the texts to mask for a secret: its lines, and all of it and each line in Base64.

    `base64` breaks its output into lines, and `echo` adds a newline before.
    """
    lines = split_secret(value)
    plain = dict.fromkeys((value, value.strip(), *lines))
    encoded = (x for text in plain for x in _list_base64(text) if split_secret(text))
    return tuple(dict.fromkeys((*lines, *encoded)))


def _list_base64(text: str) -> Iterator[str]:
    for content in (text, f"{text}\n"):
        encoded = base64.b64encode(content.encode(errors="surrogateescape")).decode("ascii")
        # Without the padding, which is not there where more text follows the secret.
        yield encoded.rstrip("=")
        if len(encoded) > _BASE64_LINE:
            chunks = (encoded[x : x + _BASE64_LINE] for x in range(0, len(encoded), _BASE64_LINE))
            yield from (chunk for chunk in chunks if len(chunk) >= _MIN_ENCODED_LENGTH)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace the given secrets, and everything that looks like one, by `***`."""
    lines = {line for value in secrets for line in split_secret(value)}
    # The longest first: a secret may be a part of another one.
    for line in sorted(lines, key=len, reverse=True):
        text = text.replace(line, REDACTED)
    for pattern in _PATTERNS:
        text = pattern.sub(_mask, text)
    return text


def redact_lines(lines: Iterable[str], secrets: Iterable[str] = ()) -> tuple[str, ...]:
    """Redact the lines of one text; a private key has several."""
    secrets, redacted, is_key = tuple(secrets), [], False
    for line in lines:
        is_key = is_key and _KEY_END not in line
        redacted.append(REDACTED if is_key else redact(line, secrets))
        is_key = is_key or bool(_KEY_WITHOUT_END.search(line))
    return tuple(redacted)


def _mask(match: re.Match[str]) -> str:
    """Return a match without its secret; a reference to a variable is none."""
    if "secret" not in match.re.groupindex:
        return REDACTED
    if match["secret"].lstrip("\"'").startswith(("$", "***")):
        return match[0]
    start, end = (position - match.start() for position in match.span("secret"))
    return f"{match[0][:start]}{REDACTED}{match[0][end:]}"


def _is_harmless(value: str) -> bool:
    return value.lower() in _HARMLESS_VALUES


def redact_report(report: Report, secrets: Iterable[str] = ()) -> Report:
    """Return the report without secrets, for everything that leaves the machine."""
    build_secrets = [
        value for image in report.images for value in find_secret_values(image.spec.build_args)
    ]
    report = replace(report, images=tuple(map(_drop_guessable_key, report.images)))
    all_secrets = (*build_secrets, *secrets)
    # A report has each name several times.
    return _redact_value(report, all_secrets, cache(lambda text: redact(text, all_secrets)))


def _drop_guessable_key(image: ImageReport) -> ImageReport:
    """Return an image without the digest of its arguments, if one of them is a secret.

    All the others are known, so that a short secret could be found by trying.
    """
    if image.build_key is None or not find_secret_values(image.spec.build_args):
        return image
    return replace(image, build_key=None)


def _redact_value(
    value: Redactable, secrets: tuple[str, ...], redact_text: Callable[[str], str]
) -> Redactable:
    """Redact all the text in a value.

    Mappings and `wasted_files` stay: they list an image's files for sums and are never shown.
    """
    redacted: Any = value
    if value is None or type(value) in _KINDS_WITHOUT_TEXT:
        return value
    if isinstance(value, str) and not isinstance(value, Enum):
        redacted = redact_text(value)
    elif isinstance(value, tuple) and hasattr(value, "_make"):
        redacted = value._make(_redact_value(item, secrets, redact_text) for item in value)
    elif isinstance(value, tuple) and all(type(item) is str for item in value):
        lines = redact_lines(value, secrets)
        redacted = value if lines == value else lines
    elif isinstance(value, tuple):
        items = tuple(_redact_value(item, secrets, redact_text) for item in value)
        redacted = value if all(map(operator.is_, items, value)) else items
    elif is_dataclass(value) and not isinstance(value, type):
        contents = ((name, getattr(value, name)) for name in _list_redacted_fields(type(value)))
        # Of hundreds of unchanged images most fields are empty.
        before = {name: content for name, content in contents if content}
        after = {
            name: _redact_value(content, secrets, redact_text) for name, content in before.items()
        }
        # By identity: what is left out of comparisons may be text, too.
        is_same = all(before[name] is content for name, content in after.items())
        redacted = value if is_same else replace(value, **after)
    return redacted  # type: ignore[no-any-return]


@cache
def _list_redacted_fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "wasted_files")
