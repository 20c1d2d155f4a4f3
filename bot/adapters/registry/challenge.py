"""What a registry asks for with a 401: basic authentication, or a token of a service."""

import re
from dataclasses import dataclass

_CHALLENGE = re.compile(
    r"(?i)\b(basic|bearer)\b\s*((?:[\w-]+\s*=\s*(?:\"[^\"]*\"|[^\s,]+)[\s,]*)*)"
)
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s,]+))")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A way to prove oneself; `realm` and `service` matter to tokens alone."""

    scheme: str
    realm: str = ""
    service: str = ""


def parse_challenge(header: str) -> Challenge | None:
    """The best of the ways that a WWW-Authenticate header offers; None if we know none of them."""
    offered = [
        Challenge(match[1].lower(), found.get("realm", ""), found.get("service", ""))
        for match in _CHALLENGE.finditer(header)
        for found in [_parse_parameters(match[2])]
    ]
    return max(offered, key=lambda challenge: challenge.scheme == "bearer", default=None)


def _parse_parameters(text: str) -> dict[str, str]:
    return {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(text)}
