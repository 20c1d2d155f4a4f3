"""The frontend that a Dockerfile names: another one may read other ignore files, or none."""

import re
from collections.abc import Mapping

# `# syntax=`, `// syntax=` and `"syntax":`, wherever they are: a place too many is the safe side.
_SYNTAX = re.compile(rb"syntax[\"\s]*[=:][\"\s]*([^\s\"]*)", re.IGNORECASE)
# Docker's own, since Dockerfiles have ignore files of their own. A digest may be of any version.
_KNOWN_FRONTEND = re.compile(
    r"(?:docker\.io/)?docker/dockerfile(?::(?:latest|1|1\.(?:[2-9]|[1-9][0-9])(?:\.[0-9]+)?)(?:-labs)?)?"
)
_SYNTAX_ARGUMENT = "BUILDKIT_SYNTAX"


def has_known_frontend(text: bytes, build_args: Mapping[str, str]) -> bool:
    """Return True if BuildKit's own frontend, or Docker's as an image, reads a Dockerfile."""
    names = [match[1].decode("utf-8", "replace") for match in _SYNTAX.finditer(text)]
    names += [build_args[_SYNTAX_ARGUMENT]] if build_args.get(_SYNTAX_ARGUMENT) else []
    # In JSON, the word could be written with escapes.
    is_json = text.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"#!"))
    return not is_json and all(map(_KNOWN_FRONTEND.fullmatch, names))
