"""Files of variables, such as `.env.example`: one `NAME=VALUE` a line."""

import re
from collections.abc import Mapping

# A file that a project commits so that others know which variables to set.
EXAMPLE_NAMES = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    ".env-example",
    ".env-sample",
    ".env_example",
    ".env_sample",
    ".example.env",
    ".sample.env",
    "env.example",
    "env.sample",
    "example.env",
    "sample.env",
)
MAX_VARIABLES = 200
_MAX_VALUE_LENGTH = 4096
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r"([\"'])(.*?)\1\s*(?:#.*)?", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#.*$")


def parse_env_file(text: str) -> Mapping[str, str]:
    """Return the variables of a file by name; the last line of a name counts.

    Lines that set nothing are left out, and so are references to other variables.
    """
    values: dict[str, str] = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.fullmatch(line)
        if match and len(values) < MAX_VARIABLES:
            value = _parse_value(match[2].strip())
            if is_plain_value(value):
                values[match[1]] = value
    return values


def is_plain_value(value: str) -> bool:
    """Return True for a text that stands for itself, and fits into an environment."""
    return "\0" not in value and "${" not in value and len(value) <= _MAX_VALUE_LENGTH


def _parse_value(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    return quoted[2] if quoted else _COMMENT.sub("", text).strip()
