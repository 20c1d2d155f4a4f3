"""Credentials for a registry, from the docker command's own configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docker import auth
from docker.errors import DockerException

from bot.errors import RegistryError


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
    folder = environment.get("DOCKER_CONFIG") or Path(environment.get("HOME", ""), ".docker")
    path = Path(folder, "config.json")
    if not path.is_file():
        return None
    try:
        config = auth.load_config(str(path), credstore_env=dict(environment))
        entry = auth.resolve_authconfig(config, domain) or {}
    except (DockerException, ValueError) as problem:
        what = f"The credentials for {domain} cannot be read."
        fix = f"check {path}, or run `docker login {domain}`"
        raise RegistryError(what, str(problem), fix) from problem
    fields = {name.lower(): str(value or "") for name, value in entry.items()}
    credentials = Credentials(
        fields.get("username", ""), fields.get("password", ""), fields.get("identitytoken", "")
    )
    return credentials if credentials != Credentials() else None
