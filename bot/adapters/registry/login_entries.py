"""Logins as the docker command keeps them: a server, and credentials in Base64 or in two fields.

Its file `config.json`, the variable DOCKER_AUTH_CONFIG and the folders of docker/login-action's
`scope` have the same form. A server may have a path, as in Podman's file: such a login is that of
the repositories below it.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.image.archives.reference import DOCKER_HUB

HUB_SERVER = "https://index.docker.io/v1/"  # the key of Docker Hub, for docker and for helpers
_HUB_HOSTS = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io"})
# A key may be the address of the API, as https://index.docker.io/v1/ is.
_API_PATH = re.compile(r"v[12](/|\Z)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password for a registry, or a token instead of both.

    An identity token is exchanged for a token to pull; a registry token is one.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LoginEntry:
    """The login for a host, or for the repositories below a path of it.

    `credentials` are None for an entry without any, as a helper or an empty secret leaves it.
    """

    host: str
    path: str
    credentials: Credentials | None

    def covers(self, host: str, repository: str) -> bool:
        """Return True if the entry is for a repository of a host."""
        is_below = not self.path or f"{repository}/".startswith(f"{self.path}/")
        return self.host == host.lower() and is_below


@dataclass(frozen=True, slots=True)
class LoginSource:
    """All logins of one origin, which is a text for messages; `helpers` are by server."""

    origin: str
    entries: tuple[LoginEntry, ...] = ()
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    def find_helper(self, host: str) -> str:
        """Return the name of the credential helper of a host; empty if there is none."""
        return self.helpers.get(to_server(host), self.store)


def read_login_source(document: Mapping[str, Any], origin: str) -> LoginSource:
    """Read a configuration; ValueError, without a value of it, for a broken one."""
    auths, helpers = (_get_object(document, name) for name in ("auths", "credHelpers"))
    return LoginSource(
        origin,
        tuple(_read_entry(server, entry) for server, entry in auths.items()),
        {server: str(helper) for server, helper in helpers.items()},
        str(document.get("credsStore") or ""),
    )


def choose_entry(
    entries: Iterable[LoginEntry], host: str, repository: str, *, scoped: bool
) -> LoginEntry | None:
    """Return the entry of a repository that says most of its path, or else that of its host."""
    suitable = [x for x in entries if x.covers(host, repository) and bool(x.path) is scoped]
    return max(suitable, key=lambda entry: len(entry.path), default=None)


def to_server(host: str) -> str:
    """Return the key of a host in the docker command's file."""
    return HUB_SERVER if host.lower() in _HUB_HOSTS else host


def split_server(server: str) -> tuple[str, str]:
    """Return host and path of a key; the path of an address is that of its API, and no scope."""
    scheme, separator, address = server.rpartition("://")
    host, _, path = address.partition("/")
    host = DOCKER_HUB if host.lower() in _HUB_HOSTS else host.lower()
    is_scope = not separator and not _API_PATH.match(path) and not scheme
    return host, path.strip("/") if is_scope else ""


def make_entry(credentials: Credentials) -> dict[str, str]:
    """Return credentials in the form of the docker command's file."""
    if token := _make_token_entry(credentials):
        return token
    pair = f"{credentials.username}:{credentials.password}"
    return {"auth": base64.b64encode(pair.encode(errors="surrogateescape")).decode("ascii")}


def to_engine_login(credentials: Credentials | None, host: str) -> dict[str, str]:
    """Return credentials as the engine's API takes them; empty for none."""
    if credentials is None:
        return {}
    pair = {"username": credentials.username, "password": credentials.password}
    return {"serveraddress": to_server(host), **(_make_token_entry(credentials) or pair)}


def _make_token_entry(credentials: Credentials) -> dict[str, str]:
    """Return the entry of a token; empty for a name and a password."""
    if credentials.registry_token:
        return {"registrytoken": credentials.registry_token}
    return {"identitytoken": credentials.identity_token} if credentials.identity_token else {}


def _get_object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name) or {}
    if not isinstance(value, dict):
        raise ValueError(f"its {name!r} is not an object")
    return value


def _read_entry(server: str, entry: Any) -> LoginEntry:
    if not isinstance(entry, dict):
        raise ValueError(f"its entry of 'auths' for {server!r} is not an object")
    # Go reads the names of fields in any case.
    fields = {name.lower(): value for name, value in entry.items() if isinstance(value, str)}
    try:
        credentials = _read_credentials(fields)
    except ValueError as problem:
        raise ValueError(
            f"the 'auth' of its entry for {server!r} is not the Base64 of NAME:PASSWORD"
        ) from problem
    host, path = split_server(server)
    return LoginEntry(host, path, credentials)


def _read_credentials(fields: Mapping[str, str]) -> Credentials | None:
    """Return the credentials of an entry; ValueError for an `auth` that is none."""
    if token := fields.get("registrytoken"):
        return Credentials(registry_token=token)
    if token := fields.get("identitytoken"):
        return Credentials(identity_token=token)
    username, password = fields.get("username", ""), fields.get("password", "")
    if encoded := fields.get("auth"):
        username, password = _decode(encoded)
    return Credentials(username, password) if username and password else None


def _decode(encoded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode("".join(encoded.split()), validate=True).decode()
    except (binascii.Error, ValueError) as problem:
        raise ValueError("no Base64 of a text") from problem
    username, colon, password = text.partition(":")
    if not colon:
        raise ValueError("no colon")
    # As docker/cli does (decodeAuth).
    return username, password.strip("\0")
