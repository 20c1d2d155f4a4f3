"""Logins that are handed in, as part of the variable DOCKER_AUTH_CONFIG of an environment.

So whatever needs a login finds it where it looks anyway. The environment is our own mapping: the
programs that are started get the variable as little as any other with a secret.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.docker.client_config import parse_config_document
from bot.adapters.registry.client_logins import AUTH_VARIABLE
from bot.adapters.registry.login_entries import Credentials, make_entry, split_server, to_server
from bot.errors import InputError
from bot.model.registry_login import RegistryLogin


def add_logins(
    environment: Mapping[str, str], logins: Sequence[RegistryLogin]
) -> Mapping[str, str]:
    """Return an environment with further logins, which win over those of the variable.

    InputError if there is a variable that cannot be read.
    """
    if not logins:
        return environment
    text = environment.get(AUTH_VARIABLE, "").strip()
    try:
        document: dict[str, Any] = dict(parse_config_document(text.encode())) if text else {}
        before = document.get("auths") or {}
        if not isinstance(before, dict):
            raise ValueError("its 'auths' is not an object")
    except ValueError as problem:
        fix = "correct it, or set only the logins of registry-auth"
        raise InputError(
            f"The variable {AUTH_VARIABLE} cannot be read.", str(problem), fix
        ) from None
    auths = _merge(before, logins)
    return {**environment, AUTH_VARIABLE: json.dumps({**document, "auths": auths})}


def _merge(before: Mapping[str, Any], logins: Sequence[RegistryLogin]) -> dict[str, Any]:
    """Return all entries; one without a password replaces none."""
    named = {_make_key(login): _make_entry(login) for login in logins}
    full = {key for key, entry in named.items() if any(entry.values())}
    remaining = {key: entry for key, entry in before.items() if _normalize(key) not in full}
    names = {_normalize(key) for key in remaining}
    return {**remaining, **{key: entry for key, entry in named.items() if key not in names}}


def _make_key(login: RegistryLogin) -> str:
    host, _ = split_server(login.registry)
    return f"{host}/{login.scope}" if login.scope else to_server(host)


def _normalize(key: str) -> str:
    host, path = split_server(key)
    return f"{host}/{path}" if path else to_server(host)


def _make_entry(login: RegistryLogin) -> dict[str, str]:
    """Return an entry, which is empty without a password."""
    has_both = login.username and login.password
    return make_entry(Credentials(login.username, login.password)) if has_both else {"auth": ""}
