"""The frontend that a Dockerfile names: another one may read other ignore files, or none."""

import json
import re
from collections.abc import Mapping

from bot.dockerfile.source_text import BOM

# `# syntax=`, `// syntax=` and `"syntax":`, wherever they are: a place too many is the safe side.
_SYNTAX = re.compile(rb"syntax[\"\s]*[=:][\"\s]*([^\s\"]*)", re.IGNORECASE)
# Docker's own, since Dockerfiles have ignore files of their own. A digest may be of any version.
_KNOWN_FRONTEND = re.compile(
    r"(?:docker\.io/)?docker/dockerfile(?::(?:latest|1|1\.(?:[2-9]|[1-9][0-9])(?:\.[0-9]+)?)(?:-labs)?)?"
)
_DIRECTIVE = re.compile(rb"(syntax|escape|check)\s*=\s*(.+)", re.IGNORECASE)
_DOCKER_FRONTEND = "docker/dockerfile"
_SYNTAX_ARGUMENT = "BUILDKIT_SYNTAX"


def has_known_frontend(text: bytes, build_args: Mapping[str, str]) -> bool:
    """Return True if BuildKit's own frontend, or Docker's as an image, reads a Dockerfile."""
    names = [match[1].decode("utf-8", "replace") for match in _SYNTAX.finditer(text)]
    names += [build_args[_SYNTAX_ARGUMENT]] if build_args.get(_SYNTAX_ARGUMENT) else []
    # In JSON, the word could be written with escapes.
    is_json = text.removeprefix(BOM).lstrip().startswith((b"{", b"#!"))
    return not is_json and all(map(_KNOWN_FRONTEND.fullmatch, names))


def names_other_frontend(text: bytes) -> bool:
    """Return True if a file names a frontend that may read another language than Docker's.

    The model is `DetectSyntax` in frontend/dockerfile/parser/directives.go of moby/buildkit.
    """
    text = text.removeprefix(BOM)
    if text.startswith(b"#!"):
        text = text.partition(b"\n")[2]
    name = _read_syntax(text, b"#") or _read_syntax(text, b"//") or _read_json_syntax(text)
    return bool(name) and _DOCKER_FRONTEND not in name


def _read_syntax(text: bytes, comment: bytes) -> str:
    """Return the frontend of the directives at the top, behind such comment characters."""
    for line in text.split(b"\n"):
        match = _DIRECTIVE.fullmatch(line.removeprefix(comment).strip())
        if match is None or not line.startswith(comment):
            return ""
        if match[1].lower() == b"syntax":
            return match[2].decode("utf-8", "replace")
    return ""


def _read_json_syntax(text: bytes) -> str:
    try:
        value = json.loads(text) if text.lstrip().startswith(b"{") else None
    except (ValueError, RecursionError):
        return ""
    name = value.get("syntax") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""
