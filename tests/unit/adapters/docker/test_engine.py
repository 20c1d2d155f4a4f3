"""An engine is asked for images by reference alone."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bot.adapters.docker.engine import DockerEngine, suggest_registry
from bot.adapters.docker.engine_shapes import check_image
from bot.errors import EngineUnavailableError, InputError

VERSION = b'{"Version": "26", "ApiVersion": "1.45", "MinAPIVersion": "1.24", "Os": "linux"}'


class _Engine(BaseHTTPRequestHandler):
    """Answers every path as an engine that lists its containers would."""

    def do_GET(self) -> None:
        body = VERSION if self.path.endswith("/version") else b'[{"Id": "of-a-container"}]'
        if "/images/" in self.path:
            self.server.paths.append(self.path)  # type: ignore[attr-defined]
        is_missing = "/images/" in self.path and "missing" in self.path
        body = b'{"message": "No such image"}' if is_missing else body
        self.send_response(404 if is_missing else 200)
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


@pytest.mark.parametrize("name", ["missing:1", "ghcr.io/me/missing"])
def test_an_image_that_is_missing_may_be_in_a_registry(
    name: str, server: ThreadingHTTPServer
) -> None:
    engine = DockerEngine({"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_port}"})
    with pytest.raises(InputError, match="The engine has no image") as caught:
        engine.get_image(name)
    assert caught.value.fix == (
        f"build it, or run: docker pull {name}; to read it in its registry, without a pull: "
        f"docker://{name}"
    )


@pytest.mark.parametrize("name", ["0123456789ab", f"sha256:{'0' * 64}", "f" * 64])
def test_an_id_is_in_no_registry(name: str) -> None:
    assert suggest_registry(name) == ""


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("[]", "it is not an object of JSON"),
        ('{"proxies": {}}', ""),
        ('{"proxies": []}', "its 'proxies' is not an object"),
        ('{"auths": {"a.example": {"auth": "eA=="}}}', "the 'auth' of its entry for 'a.example'"),
    ],
)
def test_a_broken_docker_configuration_is_not_called_a_missing_engine(
    server: ThreadingHTTPServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: str,
    reason: str,
) -> None:
    """The SDK reads the file of the process's own environment."""
    (tmp_path / "config.json").write_text(settings)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    host = f"tcp://127.0.0.1:{server.server_port}"
    environment = {"DOCKER_HOST": host, "DOCKER_CONFIG": str(tmp_path)}
    if not reason:
        DockerEngine(environment).close()
        return
    with pytest.raises(EngineUnavailableError) as problem:
        DockerEngine(environment)
    assert problem.value.what.endswith(f"{str(tmp_path / 'config.json')!r} cannot be used.")
    assert problem.value.why.startswith(reason)


@pytest.mark.parametrize(
    "description",
    [
        [],
        {"Id": 5},
        {"Id": "x", "RootFS": []},
        {"Id": "x", "RootFS": {"Layers": 5}},
        {"Id": "x", "RootFS": {"Layers": [5]}},
        {"Id": "x", "Config": "c"},
        {"Id": "x", "Config": {"OnBuild": {}}},
        {"Id": "x", "RepoDigests": [None]},
        {"Id": "x", "GraphDriver": []},
    ],
)
def test_a_description_of_another_shape_is_none_of_an_image(description: object) -> None:
    with pytest.raises(TypeError):
        check_image(description)


def test_an_image_need_not_say_everything() -> None:
    check_image({"Id": "x"})
    check_image({"Id": "x", "RootFS": {"Layers": None}, "Config": None, "RepoDigests": []})
