"""The docker command's own configuration file, which the SDK reads when it connects.

The SDK trips over a file of another shape with errors that look like answers of the engine.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker import auth
from docker.errors import DockerException

# The keys of which the SDK takes entries.
_OBJECT_KEYS = ("auths", "credHelpers", "HttpHeaders", "proxies")


def find_config_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the file, as the docker command finds it."""
    folder = environment.get("DOCKER_CONFIG") or Path(environment.get("HOME", "/"), ".docker")
    return Path(folder, "config.json")


def describe_config_problem(path: Path) -> str:
    """Return what is wrong with a configuration file; empty for one that can be used or is none.

    No value is quoted: the file holds passwords.
    """
    try:
        document: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        return ""
    except OSError as problem:
        return f"it cannot be read: {problem.strerror}"
    except json.JSONDecodeError as problem:
        return f"it is not JSON: {problem}"
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(document, dict):
        return "it is not an object of JSON"
    return _describe_wrong_key(document)


def _describe_wrong_key(document: Mapping[str, Any]) -> str:
    for key in _OBJECT_KEYS:
        if not isinstance(document.get(key, {}), dict):
            return f"its {key!r} is not an object"
    for server, entry in document.get("auths", {}).items():
        if not isinstance(entry, dict):
            return f"its entry of 'auths' for {server!r} is not an object"
        try:
            auth.AuthConfig.parse_auth({server: entry})
        except (DockerException, ValueError, TypeError, AttributeError):
            return f"the 'auth' of its entry for {server!r} is not the Base64 of NAME:PASSWORD"
    return ""
