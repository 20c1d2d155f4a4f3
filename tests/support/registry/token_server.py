"""A token service for Debian's registry, which gives tokens to who has the password.

It takes what clients send: a name and a password in a header (GET) or a form (POST), or an identity
token. The registry trusts its certificate.
"""

import base64
import json
import secrets
import ssl
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.registry.stand_in import IDENTITY, PASSWORD, USER, make_basic_auth

ISSUER, SERVICE = "tests", "registry-of-tests"


class TokenServer:
    """Runs while in use; `certificate` is the file that the registry trusts.

    With `tls` it speaks HTTPS.
    """

    def __init__(self, folder: Path, tls: ssl.SSLContext | None = None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = _make_certificate(self._key)
        self.certificate = folder / "token.pem"
        self.certificate.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.tokens = self  # type: ignore[attr-defined]
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"

    @property
    def realm(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/token"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def make_token(self, scopes: list[str]) -> str:
        """Return a token for scopes such as `repository:team/app:pull`."""
        access = []
        for scope in " ".join(scopes).split():
            kind, name, actions = scope.split(":", 2)
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": SERVICE, "sub": USER, "jti": secrets.token_hex(8)}
        claims |= {"iat": now, "nbf": now - 60, "exp": now + 600, "access": access}  # type: ignore[dict-item]
        chain = self._certificate.public_bytes(serialization.Encoding.DER)
        headers = {"x5c": [base64.b64encode(chain).decode()]}
        return jwt.encode(claims, self._key, algorithm="ES256", headers=headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""

    def do_GET(self) -> None:
        question = parse_qs(urlsplit(self.path).query)
        is_known = self.headers.get("Authorization") == make_basic_auth()
        self._answer(is_known, question)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = parse_qs(text)
        password = form.get("username") == [USER] and form.get("password") == [PASSWORD]
        self._answer(password or form.get("refresh_token") == [IDENTITY], form)

    def _answer(self, is_known: bool, question: dict[str, list[str]]) -> None:
        server: TokenServer = self.server.tokens  # type: ignore[attr-defined]
        answer: dict[str, Any] = {"errors": [{"code": "UNAUTHORIZED"}]}
        if is_known:
            token = server.make_token(question.get("scope", []))
            answer = {"token": token, "access_token": token, "expires_in": 600}
        body = json.dumps(answer).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _make_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tokens of the tests")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
