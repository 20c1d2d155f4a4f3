"""Secrets stay here: what looks like one, or was given as one, leaves as `***`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from bot.model.report import Report

T = TypeVar("T")
STARS = "***"
_SHORTEST = 4
_NO_SECRETS = frozenset({"true", "false", "none", "null"})
_NAME = (
    r"(?:TOKEN|SECRET|PASSWO?R?D|PASSPHRASE|CREDENTIALS?|AUTH(?!OR)|(?<![A-Z])(?:PASS|PAT)(?![A-Z])"
    r"|(?:API|ACCESS|PRIVATE|SIGNING|DEPLOY|SSH|MASTER|ENCRYPTION|LICEN[CS]E|ACCOUNT|STORAGE)[_-]?KEY)"
)
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
# What gives a secret away, with what stays of it: its name, or the address around it.
_HEADER = r"((?:authorization|private-token)\s*:\s*(?:[a-z]{1,20} )?)[\w.~+/=-]{4,}"
_VALUE = r"""(?:"[^"]+"|'[^']+'|[^\s"'&|;]+)"""
_OPTION = rf"(--(?:[a-z]+-)*{_NAME}\s+)(?![-$]){_VALUE}"
_LEGACY = rf"(\bENV\s+[\w-]{{0,60}}{_NAME}[\w-]{{0,60}}\s+)(?!\$)[^\s=]+(?=\s|\Z)"
# What signs the address of a blob store, or opens an account in one.
_QUERY = r"([?&](?:sig|signature|x-(?:amz|goog)-signature|key|pwd)=)[^\s&\"'#]{8,}"
_NAMED = rf"(\b[\w-]{{0,60}}{_NAME}(?:S|[_-][\w-]{{0,60}})?\s?=)(?![$=]){_VALUE}"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), kept)
    for pattern, kept in {
        r"\b(?:gh[opsur]_|github_pat_|glpat-|npm_|xox[abeprs]-)[\w-]{10,}": STARS,
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b": STARS,
        r"\beyJ[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]*": STARS,
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\Z)": STARS,
        r"(://[^\s/:@]{1,200}:)[^\s/@]{1,200}@": rf"\1{STARS}@",
        r"(https?://)[^\s/:@]{1,200}@": rf"\1{STARS}@",
        _HEADER: rf"\1{STARS}",
        _QUERY: rf"\1{STARS}",
        _OPTION: rf"\1{STARS}",
        _LEGACY: rf"\1{STARS}",
        _NAMED: rf"\1{STARS}",
    }.items()
)


def secret_values(arguments: Mapping[str, str]) -> tuple[str, ...]:
    """The values of build arguments that are secrets by their name."""
    return tuple(value for name, value in arguments.items() if value and _SECRET_NAME.search(name))


def mask(text: str, values: Iterable[str] = ()) -> str:
    """The text without secrets: those given, and what looks like one."""
    lines = {line for value in values for line in (value, *value.splitlines())}
    for value in sorted(lines, key=len, reverse=True):
        if len(value) >= _SHORTEST and value.lower() not in _NO_SECRETS:
            text = text.replace(value, STARS)
    for pattern, kept in _PATTERNS:
        text = pattern.sub(kept, text)
    return text


def masked(report: Report, values: Iterable[str] = ()) -> Report:
    """The report without secrets: the one that leaves us."""
    known = [value for image in report.images for value in secret_values(image.spec.build_args)]
    return _masked(report, (*known, *values))


def _masked(value: T, values: tuple[str, ...]) -> T:
    """Mappings and wastes are left alone: they list an image's files one by one, for sums, not pages."""
    masked: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        masked = mask(value, values)
    elif isinstance(value, tuple):
        items = [_masked(item, values) for item in value]
        masked = value._make(items) if hasattr(value, "_make") else tuple(items)
    elif is_dataclass(value) and not isinstance(value, type):
        told = {each.name: getattr(value, each.name) for each in fields(value)}
        told = {name: _masked(each, values) for name, each in told.items() if name != "wastes"}
        masked = replace(value, **told)
    return masked  # type: ignore[no-any-return]
