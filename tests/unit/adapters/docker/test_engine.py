"""An engine is asked for images by reference alone."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bot.adapters.docker.engine import DockerEngine
from bot.errors import InputError

VERSION = b'{"Version": "26", "ApiVersion": "1.45", "MinAPIVersion": "1.24", "Os": "linux"}'


class _Engine(BaseHTTPRequestHandler):
    """Answers every path as an engine that lists its containers would."""

    def do_GET(self) -> None:
        body = VERSION if self.path.endswith("/version") else b'[{"Id": "of-a-container"}]'
        if "/images/" in self.path:
            self.server.paths.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Engine) as server:
        server.paths = []  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    "name", ["../containers", ".", "/", "", "a/../../b", "?x", "UPPER", "%2e%2e"]
)
def test_what_is_no_reference_is_not_sent(name: str, server: ThreadingHTTPServer) -> None:
    engine = DockerEngine({"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_port}"})
    for ask in (engine.find_image, engine.get_image, engine.untag):
        with pytest.raises(InputError, match="not a valid image reference"):
            ask(name)
    assert server.paths == []  # type: ignore[attr-defined]
