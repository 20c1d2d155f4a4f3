"""Services that a program says it cannot reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.verify.missing_services import find_missing_service


@pytest.mark.parametrize(
    ("output", "service"),
    [
        ("Error: connect ECONNREFUSED 127.0.0.1:5432", "PostgreSQL at 127.0.0.1:5432"),
        ("Error: connect ECONNREFUSED ::1:27017", "MongoDB at ::1:27017"),
        ("Error: getaddrinfo ENOTFOUND db", "the host db"),
        ("[ioredis] Error: getaddrinfo EAI_AGAIN cache", "Redis at cache"),
        ("dial tcp 127.0.0.1:3306: connect: connection refused", "MySQL at 127.0.0.1:3306"),
        ("dial tcp: lookup db on 10.0.0.2:53: dial udp 10.0.0.2:53: connect: x", "the host db"),
        (
            "error parsing uri: lookup _mongodb._tcp.c0.example.net on 10.0.0.2:53: no such host",
            "MongoDB at c0.example.net",
        ),
        (
            "failed to connect to `host=postgres user=u`: (lookup postgres on 10.0.0.2:53: dial udp 10.0.0.2:53: x)",
            "PostgreSQL at postgres",
        ),
        (
            'psycopg2.OperationalError: could not translate host name "db" to address: x',
            "PostgreSQL at db",
        ),
        (
            'connection to server at "localhost" (127.0.0.1), port 5432 failed: refused',
            "PostgreSQL at localhost:5432",
        ),
        ("(2002, \"Can't connect to MySQL server on 'db:3306'\")", "MySQL at db:3306"),
        ("Error 111 connecting to localhost:6379. Connection refused.", "Redis at localhost:6379"),
        ("localhost:27017: [Errno 111] Connection refused", "MongoDB at localhost:27017"),
        ("Connection to localhost:5432 refused.", "PostgreSQL at localhost:5432"),
        ("java.net.UnknownHostException: api.example.com", "the host api.example.com"),
        ("HTTPSConnectionPool(host='api.example.com', port=443)", "the host api.example.com:443"),
    ],
)
def test_messages_of_clients(output: str, service: str) -> None:
    assert find_missing_service(f"starting\n{output}\n    at main\n") == service


@pytest.mark.parametrize(
    "output", ["", "listening on 127.0.0.1:5432", "no database", "lookup table: 3 rows", "redis"]
)
def test_other_output_names_no_service(output: str) -> None:
    assert not find_missing_service(output)


@given(st.text())
def test_any_output_has_an_answer_of_one_line(output: str) -> None:
    assert "\n" not in find_missing_service(output)
