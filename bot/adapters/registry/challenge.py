"""The WWW-Authenticate header of a registry's 401.

Either basic authentication or a token of a token service, as the distribution specification has it.
"""

import re
from dataclasses import dataclass

# RFC 9110, 11.6.1: several challenges may share one header, parameters quoted or not.
_CHALLENGE = re.compile(
    r"(?i)\b(basic|bearer)\b\s*((?:[\w-]+\s*=\s*(?:\"[^\"]*\"|[^\s,]+)[\s,]*)*)"
)
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s,]+))")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A requested authentication; only a token needs `realm` and `service`."""

    scheme: str
    realm: str = ""
    service: str = ""


def parse_challenge(header: str) -> Challenge | None:
    """Return the preferred challenge of the header: bearer before basic; None for others."""
    offered = [
        Challenge(match[1].lower(), parameters.get("realm", ""), parameters.get("service", ""))
        for match in _CHALLENGE.finditer(header)
        for parameters in [_parse_parameters(match[2])]
    ]
    return max(offered, key=lambda challenge: challenge.scheme == "bearer", default=None)


def _parse_parameters(text: str) -> dict[str, str]:
    return {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(text)}
