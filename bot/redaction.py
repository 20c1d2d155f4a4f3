"""The removal of secrets from reports and messages.

A value is replaced by `***` if it is a known secret or looks like one. Reports quote
Dockerfiles, and people write tokens into ARG, ENV and RUN.
"""

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
# Names of variables and options that hold secrets. AUTH, but not AUTHOR; PASS and PAT only as whole
# words, since PATH and COMPASS hold none.
_NAME_PATTERN = (
    r"(?:TOKEN|SECRET|PASSWO?R?D|PASSPHRASE|CREDENTIALS?|AUTH(?!OR)|(?<![A-Z])(?:PASS|PAT)(?![A-Z])"
    r"|(?:API|ACCESS|PRIVATE|SIGNING|DEPLOY|SSH|MASTER|ENCRYPTION|LICEN[CS]E|ACCOUNT|STORAGE)[_-]?KEY)"
)
_SECRET_NAME = re.compile(_NAME_PATTERN, re.IGNORECASE)
# A secret behind a name. The group is what stays: the name, or the address around the secret.
_HEADER_PATTERN = r"((?:authorization|private-token)\s*:\s*(?:[a-z]{1,20} )?)[\w.~+/=-]{4,}"
_VALUE_PATTERN = r"""(?:"[^"]+"|'[^']+'|[^\s"'&|;]+)"""
_OPTION_PATTERN = rf"(--(?:[a-z]+-)*{_NAME_PATTERN}\s+)(?![-$]){_VALUE_PATTERN}"
_LEGACY_ENV_PATTERN = (
    rf"(\bENV\s+[\w-]{{0,60}}{_NAME_PATTERN}[\w-]{{0,60}}\s+)(?!\$)[^\s=]+(?=\s|\Z)"
)
# Signed addresses of S3, Google and Azure storage, and account keys.
_QUERY_PATTERN = r"([?&](?:sig|signature|x-(?:amz|goog)-signature|key|pwd)=)[^\s&\"'#]{8,}"
_ASSIGNMENT_PATTERN = (
    rf"(\b[\w-]{{0,60}}{_NAME_PATTERN}(?:S|[_-][\w-]{{0,60}})?\s?=)(?![$=]){_VALUE_PATTERN}"
)
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in {
        # Tokens by their documented prefixes: GitHub, GitLab, npm, Slack; AWS key IDs; JWTs.
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
    """Return the values of the build arguments that are secrets by their names."""
    return tuple(value for name, value in build_args.items() if value and _SECRET_NAME.search(name))


def split_secret(value: str) -> tuple[str, ...]:
    """Return the lines of a secret that can be masked: programs print it line by line.

    What is shorter, or a word such as `true`, would mask half of a log or a report.
    """
    lines = (line.strip() for line in re.split(r"[\r\n]+", value))
    return tuple(x for x in lines if len(x) >= _MIN_SECRET_LENGTH and not _is_harmless(x))


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace the given secrets, and everything that looks like one, by `***`."""
    lines = {line for value in secrets for line in split_secret(value)}
    for line in sorted(lines, key=len, reverse=True):
        text = text.replace(line, REDACTED)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _is_harmless(value: str) -> bool:
    return value.lower() in _HARMLESS_VALUES


def redact_report(report: Report, secrets: Iterable[str] = ()) -> Report:
    """Return the report without secrets, for everything that leaves the machine."""
    build_secrets = [
        value for image in report.images for value in find_secret_values(image.spec.build_args)
    ]
    return _redact_value(report, (*build_secrets, *secrets))


def _redact_value(value: T, secrets: tuple[str, ...]) -> T:
    """Redact all the text in a value.

    Mappings and `wasted_files` stay: they list an image's files for sums and are never shown.
    """
    redacted: Any = value
    if isinstance(value, str) and not isinstance(value, Enum):
        redacted = redact(value, secrets)
    elif isinstance(value, tuple):
        items = [_redact_value(item, secrets) for item in value]
        redacted = value._make(items) if hasattr(value, "_make") else tuple(items)
    elif is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.name != "wasted_files"]
        redacted = replace(value, **{x: _redact_value(getattr(value, x), secrets) for x in names})
    return redacted  # type: ignore[no-any-return]
