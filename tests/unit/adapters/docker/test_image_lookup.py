"""The engine's description of an image without the SDK, by a stand-in of its socket."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bot.adapters.docker.image_lookup import look_up_image

IMAGE = {"Id": f"sha256:{'0' * 64}", "Size": 7, "GraphDriver": {"Name": "overlay2"}}
BODY = json.dumps(IMAGE).encode()
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"


@contextmanager
def stand_in(answer: bytes, path: Path) -> Iterator[list[bytes]]:
    """Answer one request on a socket; yield the requests that came."""
    requests: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                requests.append(connection.recv(4096))
                # An answer that is too long is not read to its end.
                with suppress(ConnectionError):
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield requests
        thread.join(5)


def test_an_image_is_described_by_one_request(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with stand_in(HEAD + BODY, path) as requests:
        assert look_up_image({"DOCKER_HOST": f"unix://{path}"}, "a/b:1@sha256:" + "0" * 64) == IMAGE
    first_line = requests[0].split(b"\r\n")[0]
    assert first_line == b"GET /images/a/b:1%40sha256:" + b"0" * 64 + b"/json HTTP/1.0"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 404 Not Found\r\n\r\n" + BODY,
        b"HTTP/1.0 200 OK\r\n",
        HEAD,
        HEAD + BODY[:-1],
        HEAD + b"[]",
        HEAD + b'{"Id": 1}',
        HEAD + b'{"Id": "x", "GraphDriver": []}',
        HEAD + b"[" * 100_000,
        HEAD + b" " * (9 << 20) + BODY,
    ],
)
def test_another_answer_is_left_to_the_sdk(answer: bytes, tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with stand_in(answer, path):
        assert look_up_image({"DOCKER_HOST": f"unix://{path}"}, "a") is None


@pytest.mark.parametrize(
    ("host", "reference"),
    [
        ("unix:///nonexistent/docker.sock", "a"),
        ("tcp://127.0.0.1:1", "a"),
        ("ssh://host", "a"),
        ("unix:///nonexistent/docker.sock", "../containers"),
    ],
)
def test_another_place_is_left_to_the_sdk(host: str, reference: str) -> None:
    assert look_up_image({"DOCKER_HOST": host}, reference) is None
