"""Who we are to a registry, as the docker command would know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docker import auth
from docker.errors import DockerException

from bot.errors import RegistryError


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, or a token that stands for both."""

    username: str = ""
    password: str = ""
    identity_token: str = ""


def find_credentials(domain: str, environment: Mapping[str, str]) -> Credentials | None:
    """What `docker login` left for a registry, in its file or with a helper; None if nothing."""
    folder = environment.get("DOCKER_CONFIG") or Path(environment.get("HOME", ""), ".docker")
    path = Path(folder, "config.json")
    if not path.is_file():
        return None
    try:
        config = auth.load_config(str(path), credstore_env=dict(environment))
        found = auth.resolve_authconfig(config, domain) or {}
    except (DockerException, ValueError) as problem:
        what = f"The credentials for {domain} cannot be read."
        fix = f"check {path}, or run `docker login {domain}`"
        raise RegistryError(what, str(problem), fix) from problem
    given = {name.lower(): str(value or "") for name, value in found.items()}
    credentials = Credentials(
        given.get("username", ""), given.get("password", ""), given.get("identitytoken", "")
    )
    return credentials if credentials != Credentials() else None
