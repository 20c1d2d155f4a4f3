"""The docker command's own configuration file, which the SDK reads when it connects.

The SDK trips over a file of another shape with errors that look like answers of the engine.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker import auth
from docker.errors import DockerException

PLUGIN_FOLDERS_KEY = "cliPluginsExtraDirs"
# The keys of which the SDK takes entries.
_OBJECT_KEYS = ("auths", "credHelpers", "HttpHeaders", "proxies")


def find_config_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the file, as the docker command finds it."""
    folder = environment.get("DOCKER_CONFIG") or Path(environment.get("HOME", "/"), ".docker")
    return Path(folder, "config.json")


def find_buildx_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder in which buildx keeps its builders, as buildx finds it."""
    folder = environment.get("BUILDX_CONFIG")
    return Path(folder) if folder else find_config_path(environment).parent / "buildx"


def list_plugin_folders(environment: Mapping[str, str]) -> list[str]:
    """Return where the user's own docker command finds plug-ins, but for the usual folders."""
    path = find_config_path(environment)
    folders = [str(path.parent / "cli-plugins")]
    try:
        further = parse_config_document(path.read_bytes())[PLUGIN_FOLDERS_KEY]
    except (OSError, ValueError, LookupError):
        return folders  # no such file, or none with that key
    return (
        folders + [x for x in further if isinstance(x, str)]
        if isinstance(further, list)
        else folders
    )


def parse_config_document(data: bytes) -> Mapping[str, Any]:
    """Parse a configuration; ValueError, without a value of it, for what is no object of JSON."""
    try:
        document: Any = json.loads(data)
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is not JSON: {problem}") from problem
    except (ValueError, RecursionError) as problem:
        raise ValueError("it is not JSON") from problem
    if not isinstance(document, dict):
        raise ValueError("it is not an object of JSON")
    return document


def describe_config_problem(path: Path) -> str:
    """Return what is wrong with a configuration file; empty for one that can be used or is none.

    No value is quoted: the file holds passwords.
    """
    try:
        document = parse_config_document(path.read_bytes())
    except FileNotFoundError:
        return ""
    except OSError as problem:
        return f"it cannot be read: {problem.strerror}"
    except ValueError as problem:
        return str(problem)
    return _describe_wrong_key(document)


def _describe_wrong_key(document: Mapping[str, Any]) -> str:
    for key in _OBJECT_KEYS:
        if not isinstance(document.get(key, {}), dict):
            return f"its {key!r} is not an object"
    for server, entry in document.get("auths", {}).items():
        if not isinstance(entry, dict):
            return f"its entry of 'auths' for {server!r} is not an object"
        try:
            # By the SDK's own parser, since its errors are what is to be explained.
            auth.AuthConfig.parse_auth({server: entry})
        except (DockerException, ValueError, TypeError, AttributeError):
            return f"the 'auth' of its entry for {server!r} is not the Base64 of NAME:PASSWORD"
    return ""
