"""Services that a program needs and cannot reach, by what it prints: a database, another host.

An image that is verified has no network. To say which host a program asks for is of more use than
an exit status.
"""

import re

from bot.pattern_lists import read_names, read_pattern_list

_LIST = "missing_services.txt"
_ADDRESSES = tuple(
    re.compile(line) for line in read_pattern_list("bot.verify", _LIST)["addresses"].names
)
_SERVICES = dict(line.split(" ", 1) for line in read_names("bot.verify", _LIST, "services"))
# Of a lookup the host alone is printed; what it is for is near it.
_SRV_LOOKUP = re.compile(r"^_(\w+)\._tcp\.")
_SERVICE_WORDS = {
    "mongo": "MongoDB",
    "postgres": "PostgreSQL",
    "psycopg": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "redis": "Redis",
    "amqp": "RabbitMQ",
    "rabbit": "RabbitMQ",
    "kafka": "Kafka",
}


def find_missing_service(output: str) -> str:
    """Return the service that an output says cannot be reached, as in `PostgreSQL at db:5432`.

    Empty if there is none. A host whose service is not known is `the host db`.
    """
    for pattern in _ADDRESSES:
        if match := pattern.search(output):
            groups = (*match.groups(), None)
            return _describe_service(groups[0] or "", groups[1] or "", output)
    return ""


def explain_missing_service(service: str) -> str:
    """Return a sentence's end on a service that the verification does not have."""
    return f"it needs {service}, which a verification without a network does not have"


def _describe_service(host: str, port: str, output: str) -> str:
    host = _SRV_LOOKUP.sub("", host)
    address = f"{host}:{port}" if host and port else host or f"port {port}"
    name = _SERVICES.get(port) or _find_name(output)
    if name:
        return f"{name} at {address}"
    return address if port and not host else f"the host {address}"


def _find_name(output: str) -> str:
    """Return the only service that an output names; empty if it names none, or several."""
    text = output.lower()
    names = {name for word, name in _SERVICE_WORDS.items() if word in text}
    return names.pop() if len(names) == 1 else ""
