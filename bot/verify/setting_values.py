"""Values of settings that nobody names: the port, and placeholders for secrets."""

import hashlib
import re
from collections.abc import Mapping

from bot.model.container_config import ContainerConfig
from bot.pattern_lists import compile_sections, read_names

_PORT_NAMES = frozenset(read_names("bot.verify", "settings.txt", "port names"))
_SECRET_NAME = compile_sections("bot.verify", "settings.txt", "secret names")
# What is no secret under any name: a number, a switch.
_HARMLESS_VALUE = re.compile(r"(?i)\d{1,10}|true|false|yes|no|on|off")
_URL_PASSWORD = re.compile(r"(://[^/:@\s]*:)[^/@\s]+(?=@)")
_DEFAULT_PORT = "8080"


def is_port_name(name: str) -> bool:
    """Return True for a variable with the port that a server listens on."""
    return name in _PORT_NAMES


def is_secret_name(name: str) -> bool:
    """Return True for a variable with a password, a key or a token."""
    return bool(_SECRET_NAME.search(name))


def choose_port(config: ContainerConfig) -> str:
    """Return the first port that an image exposes, 8080 if it exposes none."""
    ports = (port.partition("/")[0] for port in config.exposed_ports)
    return next((port for port in ports if port.isdigit()), _DEFAULT_PORT)


def make_placeholder(name: str) -> str:
    """Return a value for a secret: long enough for a key, the same in each run, and worthless."""
    return f"placeholder{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def replace_secrets(values: Mapping[str, str]) -> Mapping[str, str]:
    """Return variables with placeholders in place of secrets, and of passwords in addresses."""
    return {
        name: make_placeholder(name)
        if is_secret_name(name) and not _HARMLESS_VALUE.fullmatch(value)
        else _URL_PASSWORD.sub(r"\1placeholder", value)
        for name, value in values.items()
    }
