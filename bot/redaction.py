"""Secrets stay here: what looks like one, or was given as one, leaves as `***`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from bot.model.report import Report

T = TypeVar("T")
REDACTED = "***"
_MIN_SECRET_LENGTH = 4
_HARMLESS_VALUES = frozenset({"true", "false", "none", "null"})
_NAME_PATTERN = (
    r"(?:TOKEN|SECRET|PASSWO?R?D|PASSPHRASE|CREDENTIALS?|AUTH(?!OR)|(?<![A-Z])(?:PASS|PAT)(?![A-Z])"
    r"|(?:API|ACCESS|PRIVATE|SIGNING|DEPLOY|SSH|MASTER|ENCRYPTION|LICEN[CS]E|ACCOUNT|STORAGE)[_-]?KEY)"
)
_SECRET_NAME = re.compile(_NAME_PATTERN, re.IGNORECASE)
# What gives a secret away, with what stays of it: its name, or the address around it.
_HEADER_PATTERN = r"((?:authorization|private-token)\s*:\s*(?:[a-z]{1,20} )?)[\w.~+/=-]{4,}"
_VALUE_PATTERN = r"""(?:"[^"]+"|'[^']+'|[^\s"'&|;]+)"""
_OPTION_PATTERN = rf"(--(?:[a-z]+-)*{_NAME_PATTERN}\s+)(?![-$]){_VALUE_PATTERN}"
_LEGACY_ENV_PATTERN = (
    rf"(\bENV\s+[\w-]{{0,60}}{_NAME_PATTERN}[\w-]{{0,60}}\s+)(?!\$)[^\s=]+(?=\s|\Z)"
)
# What signs the address of a blob store, or opens an account in one.
_QUERY_PATTERN = r"([?&](?:sig|signature|x-(?:amz|goog)-signature|key|pwd)=)[^\s&\"'#]{8,}"
_ASSIGNMENT_PATTERN = (
    rf"(\b[\w-]{{0,60}}{_NAME_PATTERN}(?:S|[_-][\w-]{{0,60}})?\s?=)(?![$=]){_VALUE_PATTERN}"
)
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), kept)
    for pattern, kept in {
        r"\b(?:gh[opsur]_|github_pat_|glpat-|npm_|xox[abeprs]-)[\w-]{10,}": REDACTED,
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b": REDACTED,
        r"\beyJ[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]*": REDACTED,
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\Z)": REDACTED,
        r"(://[^\s/:@]{1,200}:)[^\s/@]{1,200}@": rf"\1{REDACTED}@",
        r"(https?://)[^\s/:@]{1,200}@": rf"\1{REDACTED}@",
        _HEADER_PATTERN: rf"\1{REDACTED}",
        _QUERY_PATTERN: rf"\1{REDACTED}",
        _OPTION_PATTERN: rf"\1{REDACTED}",
        _LEGACY_ENV_PATTERN: rf"\1{REDACTED}",
        _ASSIGNMENT_PATTERN: rf"\1{REDACTED}",
    }.items()
)


def find_secret_values(build_args: Mapping[str, str]) -> tuple[str, ...]:
    """The values of build arguments that are secrets by their name."""
    return tuple(value for name, value in build_args.items() if value and _SECRET_NAME.search(name))


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets: those given, and what looks like one."""
    lines = {line for value in secrets for line in (value, *value.splitlines())}
    for value in sorted(lines, key=len, reverse=True):
        if len(value) >= _MIN_SECRET_LENGTH and value.lower() not in _HARMLESS_VALUES:
            text = text.replace(value, REDACTED)
    for pattern, kept in _PATTERNS:
        text = pattern.sub(kept, text)
    return text


def redact_report(report: Report, secrets: Iterable[str] = ()) -> Report:
    """The report without secrets: the one that leaves us."""
    known = [
        value for image in report.images for value in find_secret_values(image.spec.build_args)
    ]
    return _redact_value(report, (*known, *secrets))


def _redact_value(value: T, secrets: tuple[str, ...]) -> T:
    """Mappings and wastes are left alone: they list an image's files one by one, for sums, not pages."""
    masked: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        masked = redact(value, secrets)
    elif isinstance(value, tuple):
        items = [_redact_value(item, secrets) for item in value]
        masked = value._make(items) if hasattr(value, "_make") else tuple(items)
    elif is_dataclass(value) and not isinstance(value, type):
        told = {each.name: getattr(value, each.name) for each in fields(value)}
        told = {
            name: _redact_value(each, secrets)
            for name, each in told.items()
            if name != "wasted_files"
        }
        masked = replace(value, **told)
    return masked  # type: ignore[no-any-return]
