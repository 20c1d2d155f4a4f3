"""Values of settings that nobody names: the port, and placeholders for secrets."""

import hashlib
import re
from collections.abc import Collection, Mapping
from urllib.parse import unquote

from bot.model.container_config import ContainerConfig
from bot.pattern_lists import compile_sections, read_names

_PORT_NAMES = frozenset(read_names("bot.verify", "settings.txt", "port names"))
_OWN_ADDRESSES = frozenset(read_names("bot.verify", "settings.txt", "own addresses"))
_SECRET_NAME = compile_sections("bot.verify", "settings.txt", "secret names")
# What is no secret under any name: a number, a switch.
_HARMLESS_VALUE = re.compile(r"(?i)\d{1,10}|true|false|yes|no|on|off")
_URL_PASSWORD = re.compile(r"(://[^/:@\s]*:)([^/@\s]+)(?=@)")
_DEFAULT_PORT = "8080"
_ACCOUNT_NAME = compile_sections("bot.verify", "settings.txt", "account names")
_HOST_NAME = compile_sections("bot.verify", "settings.txt", "host names")
_ACCOUNT, _HOST = "app", "localhost"
_MIN_PART_LENGTH = 4  # a shorter secret is in many a text by chance


def is_port_name(name: str) -> bool:
    """Return True for a variable with the port that a server listens on."""
    return name in _PORT_NAMES


def is_secret_name(name: str) -> bool:
    """Return True for a variable with a password, a key or a token."""
    return bool(_SECRET_NAME.search(name))


def is_own_address(name: str) -> bool:
    """Return True for a variable with the address at which others reach the server itself."""
    return name in _OWN_ADDRESSES


def choose_port(config: ContainerConfig) -> str:
    """Return the first port that an image exposes, 8080 if it exposes none."""
    ports = (port.partition("/")[0] for port in config.exposed_ports)
    return next((port for port in ports if port.isdigit()), _DEFAULT_PORT)


def make_placeholder(name: str) -> str:
    """Return a value for a secret: long enough for a key, the same in each run, and worthless."""
    return f"placeholder{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def make_value(name: str) -> str | None:
    """Return a value for a variable of a compose file that nobody gives one; None for most.

    A service is set up with it: its account, its database and the password may be any. All services
    are on one loopback.
    """
    if is_secret_name(name):
        return make_placeholder(name)
    if _HOST_NAME.search(name):
        return _HOST
    return _ACCOUNT if _ACCOUNT_NAME.search(name) else None


def replace_secrets(values: Mapping[str, str], shared: Collection[str] = ()) -> Mapping[str, str]:
    """Return variables with placeholders in place of secrets, and of passwords in addresses.

    A secret that one of the `shared` texts has stays: a service is set up with it.
    """
    return {
        name: make_placeholder(name)
        if is_secret_name(name)
        and not _HARMLESS_VALUE.fullmatch(value)
        and not _is_shared(value, shared)
        else _URL_PASSWORD.sub(lambda match: _replace_password(match, shared), value)
        for name, value in values.items()
    }


def _replace_password(match: re.Match[str], shared: Collection[str]) -> str:
    is_shared = _is_shared(unquote(match[2]), shared)
    return match[0] if is_shared else f"{match[1]}placeholder"


def _is_shared(secret: str, shared: Collection[str]) -> bool:
    """Return True for a text of `shared`, or a part of one, such as `--requirepass=SECRET`."""
    if len(secret) < _MIN_PART_LENGTH:
        return bool(secret) and secret in shared
    return any(secret in text for text in shared)
