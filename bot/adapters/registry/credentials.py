"""Credentials for a registry, from the docker command's own configuration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import auth
from docker.credentials.constants import PROGRAM_PREFIX
from docker.errors import DockerException

from bot.adapters.docker.client_config import describe_config_problem, find_config_path
from bot.adapters.environment import find_program
from bot.adapters.process import run_program
from bot.errors import RegistryError

_HELPER_TIMEOUT_S = 60
_HELPER_HAS_NONE = "credentials not found"  # in the message of docker-credential-helpers
_NO_ENTRY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, or an identity token instead of both."""

    username: str = ""
    password: str = ""
    identity_token: str = ""


def find_credentials(domain: str, environment: Mapping[str, str]) -> Credentials | None:
    """Return what `docker login` stored for a registry, in its file or a helper.

    None if there is nothing; raises RegistryError if it cannot be read.
    """
    path = find_config_path(environment)
    if not path.is_file():
        return None
    if mistake := describe_config_problem(path):
        raise _make_error(domain, path, mistake)
    try:
        entry = _find_entry(auth.load_config(str(path)), domain, environment)
    except (
        DockerException,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as problem:
        raise _make_error(domain, path, str(problem)) from problem
    fields = {name.lower(): str(value or "") for name, value in entry.items()}
    credentials = Credentials(
        fields.get("username", ""), fields.get("password", ""), fields.get("identitytoken", "")
    )
    return credentials if credentials != Credentials() else None


def _make_error(domain: str, path: Path, why: str) -> RegistryError:
    what = f"The credentials for {domain} cannot be read."
    return RegistryError(what, why, f"check {path}, or run `docker login {domain}`")


def _find_entry(
    config: auth.AuthConfig, domain: str, environment: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return the entry of a helper, or else of the file."""
    helper = config.get_credential_store(domain)
    if helper:
        server = auth.INDEX_URL if domain == auth.INDEX_NAME else domain
        entry = _ask_helper(f"{PROGRAM_PREFIX}{helper}", server, environment)
        if entry:
            return entry
    file_only = auth.AuthConfig({"auths": config.auths})
    return file_only.resolve_authconfig(domain) or _NO_ENTRY


def _ask_helper(program: str, server: str, environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Ask a credential helper; ValueError or LookupError if its answer is none.

    Not through the Docker SDK, which lets a helper write to our standard error, and for ever.
    """
    path = find_program(program, environment)
    if path is None:
        raise ValueError(f"{program} is not installed")
    result = run_program(
        [path, "get"], environment, stdin=server.encode(), timeout_s=_HELPER_TIMEOUT_S
    )
    if result.status:
        if _HELPER_HAS_NONE in result.text:
            return _NO_ENTRY
        words = result.text[:200] or "\n".join(result.stderr_lines[-3:])
        raise ValueError(f"{program} failed: {words or 'it says nothing'}")
    answer = json.loads(result.stdout)
    username, secret = answer["Username"], answer["Secret"]
    if username == auth.TOKEN_USERNAME:
        return {"IdentityToken": secret}
    return {"Username": username, "Password": secret}
