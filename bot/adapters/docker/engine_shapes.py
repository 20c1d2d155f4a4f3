"""The shape of what an engine says of an image, as far as it is used here.

The engine's API states it (ImageInspect); what stands between may be a proxy, or another program.
"""

from collections.abc import Mapping
from typing import Any

# The fields that may be null or absent, by the key that they are below; lists are of texts.
_FIELDS: Mapping[str, Mapping[str, type]] = {
    "": {"RootFS": dict, "Config": dict, "GraphDriver": dict, "RepoDigests": list},
    "RootFS": {"Layers": list},
    "Config": {"OnBuild": list, "Env": list, "Labels": dict, "Healthcheck": dict},
}


def check_image(description: Any) -> None:
    """Raise TypeError unless a description is that of an image."""
    if not isinstance(description, dict) or not isinstance(description.get("Id"), str):
        raise TypeError("no description of an image")
    for key, fields in _FIELDS.items():
        parent = (description.get(key) or {}) if key else description
        for name, kind in fields.items():
            value = parent.get(name)
            if value is not None and not (isinstance(value, kind) and _has_texts(value)):
                raise TypeError(f"{name} of an image is no {kind.__name__}")


def _has_texts(value: Any) -> bool:
    return not isinstance(value, list) or all(isinstance(item, str) for item in value)
