"""The logins that the docker command would use, from wherever it keeps them.

These are, the first one first: the variable DOCKER_AUTH_CONFIG, which also has those of the input
`registry-auth`; docker/login-action's logins with a `scope`; credential helpers; `config.json`.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.adapters.docker.client_config import (
    find_buildx_folder,
    find_config_path,
    parse_config_document,
)
from bot.adapters.registry.credential_helpers import HelperMissing, ask_helper
from bot.adapters.registry.login_entries import (
    Credentials,
    LoginEntry,
    LoginSource,
    choose_entry,
    read_login_source,
    split_server,
    to_server,
)
from bot.errors import RegistryError, describe_cause

AUTH_VARIABLE = "DOCKER_AUTH_CONFIG"
_VARIABLE_ORIGIN = f"registry-auth or {AUTH_VARIABLE}"
_PULL = "pull"
_SCOPE_ORIGIN = "a login with a scope"
_MAX_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Login:
    """The login for a repository; without credentials, `problem` may say why there are none.

    `origin` says where it is from.
    """

    credentials: Credentials | None = None
    origin: str = ""
    problem: str = ""


class ClientLogins:
    """The logins of one environment; what they are kept in is read once, and helpers each time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def find(self, host: str, repository: str = "") -> Login:
        """Return the login for a repository of a registry, without credentials if there are none.

        RegistryError if a file or the variable is broken, or a helper fails. One that is not
        installed counts as one that has nothing: most images can be read without a login.
        """
        problems = []
        for source, entry in self._list_scoped(host, repository):
            if entry.credentials:
                return Login(entry.credentials, source.origin)
        for source in self._sources:
            login = self._find_of_host(source, host)
            if login.credentials:
                return login
            problems.append(login.problem)
        return self._find_by_any_path(host) or Login(problem="; ".join(filter(None, problems)))

    def describe_absence(self) -> str:
        """Say why nothing may be known of logins at all; empty if no reason is seen."""
        folder = self._environment.get("DOCKER_CONFIG")
        if not folder or Path(folder).exists():
            return ""
        return (
            f"DOCKER_CONFIG names {folder}, which does not exist, or which a container cannot see"
        )

    def try_find(self, host: str, repository: str = "") -> Login:
        """Return the login for a repository, or one that says what is wrong with it."""
        try:
            return self.find(host, repository)
        except RegistryError as problem:
            text = f"{problem.reason}; {problem.fix}"
            return Login(problem=text[:1].lower() + text[1:])

    def list_secrets(self) -> tuple[str, ...]:
        """Return the passwords and tokens that are known without asking a helper."""
        entries = (entry for source in self.sources for entry in source.entries)
        return tuple(
            text for entry in entries if entry.credentials for text in list_texts(entry.credentials)
        )

    @property
    def sources(self) -> tuple[LoginSource, ...]:
        """Return all that can be read; what is broken is reported where it is needed."""
        try:
            return self._sources
        except RegistryError:
            return ()

    @cached_property
    def _sources(self) -> tuple[LoginSource, ...]:
        variable = self._environment.get(AUTH_VARIABLE, "").strip().encode()
        path = find_config_path(self._environment)
        return (
            *((_parse(variable, _VARIABLE_ORIGIN),) if variable else ()),
            LoginSource(_SCOPE_ORIGIN, tuple(read_scoped_entries(self._environment))),
            *((_parse(_read(path), str(path)),) if path.is_file() else ()),
        )

    def _list_scoped(self, host: str, repository: str) -> list[tuple[LoginSource, LoginEntry]]:
        """Return the logins for parts of a registry that a repository is in, the closest first."""
        chosen = (
            (source, entry)
            for source in self._sources
            if (entry := choose_entry(source.entries, host, repository, scoped=True))
        )
        return sorted(chosen, key=lambda pair: -len(pair[1].path))

    def _find_by_any_path(self, host: str) -> Login | None:
        """Return the login of a key with another path, as the docker command takes it."""
        for source in self._sources:
            entries = source.entries if source.origin != _SCOPE_ORIGIN else ()
            for entry in entries:
                if entry.host == host.lower() and entry.credentials:
                    return Login(entry.credentials, source.origin)
        return None

    def _find_of_host(self, source: LoginSource, host: str) -> Login:
        helper, problem = source.find_helper(host), ""
        try:
            credentials = ask_helper(helper, to_server(host), self._environment) if helper else None
        except HelperMissing as missing:
            credentials = None
            problem = f"{missing}, which {source.origin} names for {host}, is not installed here"
        except (ValueError, OSError) as mistake:
            raise _make_error(host, source.origin, describe_cause(mistake)) from mistake
        entry = choose_entry(source.entries, host, "", scoped=False)
        if credentials is None and entry:
            credentials = entry.credentials
            if credentials is None and not helper:
                problem = f"the login for {host} in {source.origin} is empty"
        return Login(credentials, source.origin, problem if credentials is None else "")


def list_texts(credentials: Credentials) -> tuple[str, ...]:
    """Return what must not be printed of credentials: each secret, and the pair that is encoded."""
    pair = f"{credentials.username}:{credentials.password}"
    tokens = (credentials.identity_token, credentials.registry_token)
    texts = (credentials.password, *tokens, pair if credentials.password else "")
    return tuple(text for text in texts if text)


def read_scoped_entries(environment: Mapping[str, str]) -> Iterator[LoginEntry]:
    """Yield the logins of docker/login-action with a `scope` that allows to pull.

    It writes `config/HOST[/REPOSITORY][@ACTIONS]/config.json` below the folder of buildx.
    """
    root = find_buildx_folder(environment) / "config"
    # The folder ends with `@push` where a login is for pushing alone.
    for folder, _, names in os.walk(root):
        if "config.json" in names:
            scope, _, actions = str(Path(folder).relative_to(root)).partition("@")
            host, path = split_server(scope)
            if not actions or _PULL in actions.split(","):
                source = _parse(_read(Path(folder, "config.json")), folder)
                entry = choose_entry(source.entries, host, "", scoped=False)
                if entry:
                    yield LoginEntry(host, path, entry.credentials)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_CONFIG_BYTES)
    except OSError as problem:
        raise _make_error(
            "registries", str(path), f"it cannot be read: {problem.strerror}"
        ) from problem


def _parse(data: bytes, origin: str) -> LoginSource:
    try:
        document: Mapping[str, Any] = parse_config_document(data)
        return read_login_source(document, origin)
    except ValueError as problem:
        raise _make_error("registries", origin, str(problem)) from problem


def _make_error(host: str, origin: str, why: str) -> RegistryError:
    what = f"The credentials for {host} cannot be read."
    return RegistryError(what, why, f"check {origin}, or log in again")
