"""Hints for keys of the configuration file that it does not have where they are written."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

# What is set where a password is not in the repository.
_NO_FILE = {
    "registry-auth": "it has passwords, which no file of the repository may have; set it as an "
    "input or an option"
}
# Definitions of the schema, the first that has a key, and where it is written then.
_PLACES = {
    "budget": "it is a key of `budget`",
    "defaults": "it is a key of `defaults`, and of each image under `images`",
    "image": "it is a key of each image under `images`",
    "file": "it is a key at the top of the file",
}


def explain_unknown_key(
    key: str, known_keys: Sequence[str], definitions: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return where to write a key, or the nearest one that is known.

    `definitions` are those of the schema, and `file` is the schema itself.
    """
    if key in _NO_FILE:
        return f"; {_NO_FILE[key]}"
    for definition, location in _PLACES.items():
        if key in definitions[definition]["properties"]:
            return f"; {location}"
    nearest = difflib.get_close_matches(key, known_keys, n=1, cutoff=0)
    return f"; the nearest known one is {nearest[0]!r}" if nearest else ""
