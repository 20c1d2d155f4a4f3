"""Engines behind TLS, over SSH, and not there at all."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.image_sources import ImageSources
from bot.errors import EngineUnavailableError
from bot.image.archives.layer_cache import LayerCache
from tests.support.engine import PrivateEngine
from tests.support.github.authority import Authority


class TlsRelay:
    """A loopback port that speaks TLS and asks for a certificate; behind it is an engine's socket."""

    def __init__(self, engine_socket: Path, context: ssl.SSLContext) -> None:
        self._engine_socket, self._context = engine_socket, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with (
            suppress(OSError),
            self._context.wrap_socket(connection, server_side=True) as client,
            socket.socket(socket.AF_UNIX) as engine,
        ):
            engine.connect(str(self._engine_socket))
            thread = threading.Thread(target=copy, args=(engine, client), daemon=True)
            thread.start()
            copy(client, engine)
            thread.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(params=[True, False], ids=["new", "old"])
def certificates(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder as DOCKER_CERT_PATH names it; `old` ones lack what RFC 5280 requires."""
    authority = Authority(tmp_path, extensions=request.param)
    authority.context()
    (tmp_path / "ca.pem").write_bytes(authority.certificate.read_bytes())
    (tmp_path / "cert.pem").write_bytes((tmp_path / "server.pem").read_bytes())
    (tmp_path / "key.pem").write_bytes((tmp_path / "server.key").read_bytes())
    return tmp_path


@pytest.fixture
def relay(overlay2_engine: PrivateEngine, certificates: Path) -> Iterator[TlsRelay]:
    overlay2_engine.ensure("busybox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    relay = TlsRelay(overlay2_engine.socket, context)
    yield relay
    relay.close()


def test_an_engine_behind_tls_is_read_like_any_other(
    overlay2_engine: PrivateEngine,
    relay: TlsRelay,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Certificates for registries do not replace the engine's."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "key.pem"))
    environment = {
        "DOCKER_HOST": relay.host,
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(certificates),
    }
    through_tls = ImageSources(environment).read("busybox", None, LayerCache())
    direct = ImageSources(overlay2_engine.environment).read("busybox", None, LayerCache())
    assert through_tls == direct


@pytest.mark.parametrize("variables", [{}, {"DOCKER_TLS_VERIFY": "1"}])
def test_an_engine_that_wants_a_certificate_is_an_error_without_one(
    relay: TlsRelay, tmp_path: Path, variables: dict[str, str]
) -> None:
    environment = {"DOCKER_HOST": relay.host, "HOME": str(tmp_path), **variables}
    with pytest.raises(EngineUnavailableError, match="No Docker Engine answers at tcp://127"):
        DockerEngine(environment)
