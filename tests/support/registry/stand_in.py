"""A stand-in for a registry: it serves one OCI layout under any repository's name, over loopback.

    with RegistryStandIn(layout(image(...))) as registry:
        registry.inject_faults("blobs/.*", Reset(after=1000))
        read(f"docker://{registry.host}/app:1")

Tags are the names of index.json's entries. It is no mock: clients speak to it as to any other.
"""

import base64
import hashlib
import json
import re
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD, IDENTITY = "somebody", "s3cret:ü", "identity-token"
TOKEN = "a-token-to-pull"
_TLS_HANDSHAKE = b"\x16\x03"
REF_NAME = "org.opencontainers.image.ref.name"


@dataclass(frozen=True)
class Status:
    """Another answer; it may promise more bytes than ever come."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    promised: int | None = None


@dataclass(frozen=True)
class Truncate:
    """The connection ends after so many bytes of the body, which all arrive."""

    after: int


@dataclass(frozen=True)
class Reset(Truncate):
    """The connection breaks, and who knows which of the bytes arrive."""


@dataclass(frozen=True)
class Bytes:
    """Other bytes than those asked for."""

    data: bytes


@dataclass(frozen=True)
class Trickle:
    """The right answer a byte at a time, from its headers or its body on; or nothing at all."""

    part: str = "body"
    pause_s: float = 0.02


Fault = Status | Truncate | Bytes | Trickle


class LoggedRequest(NamedTuple):
    """A request: its path, the headers that matter here, and the form that was sent."""

    path: str
    authorization: str
    range: str
    form: str = ""


class RegistryStandIn:
    """A registry over HTTP, running inside of a `with` block.

    `auth` is "", "basic", "bearer" or "identity". `ranges` may be unsupported; with a `store`, blobs
    are redirected elsewhere, as to a cloud's object store.
    """

    def __init__(
        self,
        members: Mapping[str, bytes | str],
        *,
        auth: str = "",
        ranges: bool = True,
        store: "RegistryStandIn | None" = None,
    ) -> None:
        self.members, self.auth, self.ranges, self.store = dict(members), auth, ranges, store
        self.requests: list[LoggedRequest] = []
        self._faults: list[tuple[str, Fault]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.registry = self  # type: ignore[attr-defined]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def challenge(self) -> str:
        """Return the authentication challenge."""
        if self.auth == "basic":
            return 'Basic realm="stand-in"'
        realm = f'realm="http://{self.host}/token"'
        return f'Bearer {realm},service="stand-in",scope="repository:app:pull,push"'

    def inject_faults(self, path: str, *faults: Fault) -> None:
        """Let the next requests for a path that ends so fail, each with its fault."""
        self._faults += [(path, fault) for fault in faults]

    def next_fault(self, path: str) -> Fault | None:
        for number, (pattern, fault) in enumerate(self._faults):
            if re.search(f"{pattern}$", path):
                del self._faults[number]
                return fault
        return None

    def find(self, path: str) -> bytes | None:
        """Return a manifest by tag or digest, or a blob."""
        kind, _, version = path.rpartition("/")
        if kind.endswith("/manifests") and ":" not in version:
            version = self._tags().get(version, "")
        content = self.members.get("blobs/" + version.replace(":", "/"))
        return content if isinstance(content, bytes) else None

    def requests_for(self, pattern: str) -> list[LoggedRequest]:
        return [asked for asked in self.requests if re.search(pattern, asked.path)]

    def _tags(self) -> dict[str, str]:
        entries: list[dict[str, Any]] = json.loads(self.members["index.json"])["manifests"]
        return {
            (entry.get("annotations") or {}).get(REF_NAME, "latest"): entry["digest"]
            for entry in entries
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1

    @property
    def registry(self) -> RegistryStandIn:
        return self.server.registry  # type: ignore[attr-defined, no-any-return]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing: `requests` is the log."""

    def parse_request(self) -> bool:
        """Refuse TLS as Go's servers do: only then does the engine go on with plain HTTP."""
        line: bytes = self.raw_requestline  # type: ignore[attr-defined]
        if line.startswith(_TLS_HANDSHAKE):
            self.wfile.write(b"HTTP/1.0 400 Bad Request\r\n\r\nnot over TLS\n")
            self.close_connection = True
            return False
        return super().parse_request()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        proof, byte_range = self.headers.get("Authorization", ""), self.headers.get("Range", "")
        self.registry.requests.append(LoggedRequest(self.path, proof, byte_range))
        fault = self.registry.next_fault(url.path)
        if isinstance(fault, Status):
            body = json.dumps({"errors": [{"code": "X", "message": fault.message}]}).encode()
            self._write(fault.code, body, fault.headers, fault.promised)
        elif url.path == "/token" and isinstance(fault, Bytes):
            self._write(200, fault.data, {})
        elif url.path == "/token":
            self._give_token(proof, parse_qs(url.query))
        elif not self._is_allowed(proof):
            self._write(401, b"{}", {"WWW-Authenticate": self.registry.challenge})
        else:
            self._serve(url.path, byte_range, fault)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length).decode()
        form, proof = parse_qs(text), self.headers.get("Authorization", "")
        self.registry.requests.append(LoggedRequest(self.path, proof, "", text))
        fault = self.registry.next_fault(urlsplit(self.path).path)
        if isinstance(fault, Status):
            self._write(fault.code, b"{}", fault.headers)
            return
        right = form.get("refresh_token") == [IDENTITY] and "scope" in form
        self._write(200 if right else 401, json.dumps({"access_token": TOKEN}).encode(), {})

    def _give_token(self, proof: str, question: dict[str, list[str]]) -> None:
        right = proof in {"", make_basic_auth()} and question["scope"][0].endswith(":pull")
        self._write(200 if right else 401, json.dumps({"token": TOKEN}).encode(), {})

    def _is_allowed(self, proof: str) -> bool:
        expected = {"": proof, "basic": make_basic_auth()}.get(
            self.registry.auth, f"Bearer {TOKEN}"
        )
        return proof == expected

    def _serve(self, path: str, byte_range: str, fault: Fault | None) -> None:
        store = self.registry.store
        if store and "/blobs/" in path:
            other = store.host.replace("127.0.0.1", "localhost")
            self._write(307, b"", {"Location": f"http://{other}{path}?signed=1"})
            return
        data = fault.data if isinstance(fault, Bytes) else self.registry.find(path)
        if data is None:
            self._write(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}', {})
        else:
            self._send(data, byte_range, fault, _describe(data) if "/manifests/" in path else {})

    def _send(
        self, data: bytes, byte_range: str, fault: Fault | None, headers: dict[str, str]
    ) -> None:
        code, rest = 200, data
        match = re.fullmatch(r"bytes=(\d+)-", byte_range)
        if match and self.registry.ranges:
            code, start = 206, int(match[1])
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            rest = data[start:]
        if isinstance(fault, Trickle):
            self._trickle(rest, fault)
        elif isinstance(fault, Truncate):
            self._write(code, rest[: fault.after], headers, promised=len(rest))
            self._reset_connection(reset=isinstance(fault, Reset))
        else:
            self._write(code, rest, headers)

    def _trickle(self, body: bytes, fault: Trickle) -> None:
        """Send an answer slowly, for as long as the client listens."""
        self.close_connection = True
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        slow = {"nothing": b"", "headers": head + body, "body": body}[fault.part]
        with suppress(OSError):
            if fault.part == "body":
                self.connection.sendall(head)
            for byte in slow:
                self.connection.sendall(bytes([byte]))
                time.sleep(fault.pause_s)
            self.connection.recv(1)

    def _reset_connection(self, *, reset: bool) -> None:
        """Reset the connection: the client sees a broken one, not the end of one."""
        self.wfile.flush()
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _write(
        self, code: int, body: bytes, headers: Mapping[str, str], promised: int | None = None
    ) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _describe(manifest: bytes) -> dict[str, str]:
    """Return the headers of a manifest, which the engine needs."""
    kind = "index" if b'"manifests"' in manifest else "manifest"
    media_type = f"application/vnd.oci.image.{kind}.v1+json"
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    return {"Content-Type": media_type, "Docker-Content-Digest": digest}


def make_basic_auth() -> str:
    """Return the Basic authentication header of USER and PASSWORD."""
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def make_docker_config(host: str, *, identity: bool = False) -> str:
    """Return a config.json as `docker login` writes it."""
    proof = {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    if identity:
        proof["identitytoken"] = IDENTITY
    return json.dumps({"auths": {host: proof}})
