"""Webhook payloads as GitHub sends them; see README.md in this folder."""

import json
from pathlib import Path
from typing import Any

_FILES = {path.stem: path for path in sorted(Path(__file__).parent.glob("*/*.json"))}
NAMES = tuple(_FILES)


def load(name: str) -> dict[str, Any]:
    """Return the payload of a file, such as `pull_request.opened`."""
    payload: dict[str, Any] = json.loads(_FILES[name].read_text("utf-8"))
    return payload
