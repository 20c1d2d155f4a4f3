"""The frames in which the engine sends the output of containers, from a real HTTP server."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import docker
import pytest
from docker.errors import APIError

from bot.adapters.docker.container_output import read_command_output, read_logs


def frame(content: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


FRAMES = frame(b"out\n") + frame(b"error\n", 2) + frame(b"") + frame(b"more")
ANSWERS = {
    "/v1.40/containers/plain/logs": FRAMES,
    "/v1.40/containers/cut/logs": FRAMES[:-2],
    "/v1.40/containers/large/logs": frame(b"x" * 100_000) * 10,
    "/v1.40/exec/plain/start": FRAMES,
}


class Engine(BaseHTTPRequestHandler):
    """Answers as the engine does, for what a client reads here."""

    def do_GET(self) -> None:
        answer = ANSWERS.get(self.path.partition("?")[0])
        self.send_response(200 if answer else 404)
        body = answer or b'{"message": "no such container"}'
        if not answer:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def api() -> Iterator[docker.APIClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client = docker.APIClient(f"tcp://127.0.0.1:{server.server_port}", version="1.40")
    yield client
    client.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_frames_of_both_streams_are_joined(api: docker.APIClient) -> None:
    assert read_logs(api, "plain", 100) == b"out\nerror\nmore"
    assert read_command_output(api, "plain", 100) == b"out\nerror\nmore"


def test_a_frame_that_is_cut_counts_as_far_as_it_goes(api: docker.APIClient) -> None:
    assert read_logs(api, "cut", 100) == b"out\nerror\nmo"


@pytest.mark.parametrize("limit", [1, 99_999, 100_000, 250_000])
def test_only_the_beginning_is_read(api: docker.APIClient, limit: int) -> None:
    assert read_logs(api, "large", limit) == b"x" * limit


def test_a_refusal_is_an_error_with_the_words_of_the_engine(api: docker.APIClient) -> None:
    with pytest.raises(APIError, match="no such container"):
        read_logs(api, "gone", 100)
