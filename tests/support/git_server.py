"""A git server over HTTP: `git http-backend`, with basic authentication and Git LFS."""

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.repository import Repository

_SETTINGS = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}


@dataclass
class GitServer:
    """A server of the bare repositories in a folder.

    `token` is what its clients must have, if it is not empty; `requests` counts them, and `refused`
    are the paths for which one had another; `authorizations` are what their clients sent. `lfs_objects` are contents by digest; `batches` are the digests asked for; `lfs_answer` is sent in place of an answer, with its headers.
    """

    folder: Path
    token: str = ""
    url: str = ""
    requests: int = 0
    refused: list[str] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    lfs_objects: dict[str, bytes] = field(default_factory=dict)
    lfs_answer: tuple[bytes, dict[str, str]] | None = None
    batches: list[list[str]] = field(default_factory=list)

    @property
    def header(self) -> str:
        """Return the header that actions/checkout keeps in a configuration."""
        secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return f"AUTHORIZATION: basic {secret}"

    def publish(self, repository: Repository, name: str) -> str:
        """Push everything of a repository to a bare one of the server, and return its address."""
        bare = self.folder / f"{name}.git"
        if not bare.exists():
            subprocess.run(
                ["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True
            )
            for key, value in _SETTINGS.items():
                subprocess.run(["git", "-C", bare, "config", key, value], check=True)
        repository.git("push", "--quiet", "--force", "--all", str(bare))
        repository.git("push", "--quiet", "--force", "--tags", str(bare))
        return f"{self.url}/{name}.git"


@contextmanager
def open_git_server(folder: Path, token: str = "") -> Iterator[GitServer]:
    """Serve the repositories of a folder."""
    folder.mkdir(exist_ok=True)
    server = GitServer(folder, token)

    class Handler(_Handler):
        git_server = server

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    git_server: GitServer

    def do_GET(self) -> None:
        if self.path.startswith("/objects/"):
            self._send(200, self.git_server.lfs_objects[self.path.rpartition("/")[2]])
        elif self._is_allowed():
            self._run_backend(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._is_allowed():
            return
        if self.path.endswith("/info/lfs/objects/batch"):
            self._answer_batch(json.loads(body))
        else:
            self._run_backend(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def _is_allowed(self) -> bool:
        server = self.git_server
        server.requests += 1
        server.authorizations.add(self.headers.get("Authorization", ""))
        sent = f"AUTHORIZATION: {self.headers.get('Authorization', '')}"
        if not server.token or sent.lower() == server.header.lower():
            return True
        server.refused.append(self.path)
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.end_headers()
        return False

    def _run_backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.git_server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        finished = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=True
        )
        head, _, content = finished.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        self._send(status, content, headers)

    def _answer_batch(self, request: dict[str, list[dict[str, str]]]) -> None:
        server = self.git_server
        digests = [item["oid"] for item in request["objects"]]
        server.batches.append(digests)
        if server.lfs_answer:
            self._send(200, *server.lfs_answer)
            return
        objects = [
            {"oid": oid, "actions": {"download": {"href": f"{server.url}/objects/{oid}"}}}
            if oid in server.lfs_objects
            else {"oid": oid, "error": {"code": 404, "message": "it is gone"}}
            for oid in digests
        ]
        self._send(200, json.dumps({"objects": objects}).encode())

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
