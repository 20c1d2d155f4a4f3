"""The token service of a registry: where credentials go, and which answers are tokens."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from bot.adapters.image_sources import ImageSources
from bot.adapters.registry.anonymous_auth import AnonymousAuth
from bot.adapters.registry.bounded_answer import AnswerLimits
from bot.adapters.registry.challenge import Challenge
from bot.adapters.registry.login_entries import Credentials
from bot.adapters.registry.token_service import TokenService
from bot.errors import RegistryError
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.reference import parse_reference
from tests.support.registry.stand_in import (
    IDENTITY,
    Bytes,
    RegistryStandIn,
    Status,
    make_basic_auth,
    make_docker_config,
)
from tests.support.tar_world import file, image, layer_tar, layout

MEMBERS = layout(image(layer_tar(file("a", 1_000))))
REDIRECTS = (301, 302, 303, 307, 308)


def read(registry: RegistryStandIn, folder: Path, *, identity: bool = False) -> None:
    settings = make_docker_config(registry.host, identity=identity)
    (folder / "config.json").write_text(settings, "utf-8")
    sources = ImageSources({"DOCKER_CONFIG": str(folder)})
    sources.read(f"docker://{registry.host}/app", None, LayerCache())


@pytest.mark.parametrize("code", REDIRECTS)
@pytest.mark.parametrize("identity", [True, False], ids=["identity", "password"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["host", "port"])
def test_credentials_do_not_go_to_another_host(
    code: int, identity: bool, host: str, tmp_path: Path
) -> None:
    auth = "identity" if identity else "bearer"
    with RegistryStandIn({}) as other, RegistryStandIn(MEMBERS, auth=auth) as registry:
        location = f"http://{host}:{other.host.partition(':')[2]}/token"
        registry.inject_faults("/token", Status(code, {"Location": location}))
        with pytest.raises(RegistryError, match="redirects to another host") as caught:
            read(registry, tmp_path, identity=identity)
        assert other.requests == []
    assert IDENTITY not in str(caught.value)


@pytest.mark.parametrize("code", REDIRECTS)
@pytest.mark.parametrize("identity", [True, False], ids=["identity", "password"])
def test_a_redirect_on_the_same_host_is_followed(code: int, identity: bool, tmp_path: Path) -> None:
    auth = "identity" if identity else "bearer"
    with RegistryStandIn(MEMBERS, auth=auth) as registry:
        registry.inject_faults("/token", Status(code, {"Location": "/token?moved"}))
        read(registry, tmp_path, identity=identity)
        last = registry.requests_for(r"^/token\?moved")[-1]
    assert (f"refresh_token={IDENTITY}" in last.form) is identity
    assert last.authorization == ("" if identity else make_basic_auth())


def test_without_credentials_another_host_may_answer() -> None:
    with RegistryStandIn(MEMBERS) as other, RegistryStandIn(MEMBERS, auth="bearer") as registry:
        elsewhere = other.host.replace("127.0.0.1", "localhost")
        location = f"http://{elsewhere}/token?scope=repository:app:pull"
        registry.inject_faults("/token", Status(307, {"Location": location}))
        name = f"docker://{registry.host}/app"
        assert ImageSources({}).read(name, None, LayerCache()).blobs
        assert len(other.requests) == 1


@pytest.mark.parametrize(
    "location",
    ["/token", "//[::1", "http://[::1", "file:///etc/passwd", "http://a:b:c/", "http://"],
)
def test_an_odd_redirect_is_an_error(location: str, tmp_path: Path) -> None:
    with RegistryStandIn(MEMBERS, auth="bearer") as registry:
        registry.inject_faults("/token", *[Status(307, {"Location": location})] * 9)
        with pytest.raises(RegistryError):
            read(registry, tmp_path)
        assert len(registry.requests_for("^/token")) <= 6


ODD_ANSWERS = {
    "list": b"[]",
    "list of tokens": b'["token"]',
    "null": b"null",
    "number": b"5",
    "text": b'"token"',
    "HTML": b"<html>token</html>",
    "nothing": b"",
    "no UTF-8": b"\xff\xfe{",
    "no token": b"{}",
    "empty token": b'{"token": ""}',
    "null token": b'{"token": null, "access_token": null}',
    "number as token": b'{"token": 12345}',
    "list as token": b'{"token": ["SECRET"]}',
    "line end": b'{"token": "SECRET\\r\\nX-Header: 1"}',
    "blank": b'{"token": "SECRET SECRET"}',
    "control character": b'{"token": "SECRET\\u0000"}',
    "no ASCII": '{"token": "SECRETü"}'.encode(),
    "half a character": b'{"token": "SECRET\\ud800"}',
    "long token": json.dumps({"token": "SECRET" * 20_000}).encode(),
    "nesting": b"[" * 200_000,
    "large answer": b'{"token": "SECRET"}' + b" " * (2 << 20),
}


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_an_answer_that_is_no_token_is_refused_and_not_shown(name: str, tmp_path: Path) -> None:
    with RegistryStandIn(MEMBERS, auth="bearer") as registry:
        registry.inject_faults("/token", *[Bytes(ODD_ANSWERS[name])] * 9)
        with pytest.raises(RegistryError, match="returned no token") as caught:
            read(registry, tmp_path)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "realm", ["file:///etc/passwd", "ftp://a.b/", "http://a.b/", "", "//a.b/", "javascript:x"]
)
def test_a_token_service_must_have_tls_where_the_registry_has(realm: str) -> None:
    service = TokenService(
        requests.Session(), parse_reference("a.b/app"), Challenge("bearer", realm)
    )
    with pytest.raises(RegistryError, match="is not secure"):
        service.fetch_token("https://a.b/v2/", Credentials("ann", "hunter2"))


@pytest.mark.parametrize("realm", ["https://[::1", "https://a:b:c/", "https://", "https://a b/"])
def test_an_odd_address_of_a_token_service_is_an_error(realm: str) -> None:
    service = TokenService(
        requests.Session(), parse_reference("a.b/app"), Challenge("bearer", realm)
    )
    with pytest.raises(RegistryError, match="returned no token"):
        service.fetch_token("https://a.b/v2/", None)


class _EndlessAnswer(BaseHTTPRequestHandler):
    """Sends blanks one by one for as long as somebody reads."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            self.wfile.write(b" ")

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client has read enough

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


@contextmanager
def endless_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _EndlessAnswer) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()


@pytest.mark.parametrize(
    ("limits", "words"),
    [(AnswerLimits(1 << 40, 0), "takes longer"), (AnswerLimits(1_000, 1_000), "more than 1,000")],
)
def test_an_endless_answer_ends_by_time_or_by_size(limits: AnswerLimits, words: str) -> None:
    """The limit on the whole counts, not the pause between two pieces."""
    with endless_server() as realm:
        challenge = Challenge("bearer", realm)
        reference = parse_reference("127.0.0.1:1/app")
        service = TokenService(requests.Session(), reference, challenge, limits)
        with pytest.raises(RegistryError, match="returned no token") as caught:
            service.fetch_token("http://127.0.0.1:1/v2/", None)
    assert words in caught.value.why


def test_a_netrc_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine a.b login ann password hunter2\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    request = requests.Request("GET", "http://a.b/", auth=AnonymousAuth())
    assert "Authorization" not in requests.Session().prepare_request(request).headers
