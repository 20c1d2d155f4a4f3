"""Debian's docker-registry on a loopback port, the reference for the stand-in."""

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.support.engine.cache import find_cache_root
from tests.support.engine.packages import unpack_registry
from tests.support.registry.token_server import ISSUER, SERVICE, TokenServer

_PATIENCE = 20.0
_CONFIG = """version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""
# Of USER and PASSWORD of the stand-in; the program takes no other form than bcrypt's.
_PASSWORDS = "somebody:$2b$04$Hnj0r8ErbZ45/zQCXwxq/e9Y8vo0dFvWj0eKbF3GiHNZV89Mqiv8S\n"
_BASIC = """auth: {{htpasswd: {{realm: tests, path: {folder}/passwords}}}}
"""
_BEARER = """auth:
  token: {{realm: "{realm}", service: {service}, issuer: {issuer}, rootcertbundle: {certificate}}}
"""


class DebianRegistry:
    """Runs while in use; what is pushed to it is gone with the folder.

    It asks for a login with `auth="basic"`, or for a token of `tokens`.
    """

    def __init__(self, folder: Path, *, auth: str = "", tokens: TokenServer | None = None) -> None:
        self._folder, self.port = folder, _free_port()
        self._auth, self._tokens = auth, tokens
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """Return the registry's name for an engine, which requires no TLS for it."""
        return f"localhost:{self.port}"

    def __enter__(self) -> Self:
        config = self._folder / "config.yml"
        config.write_text(_CONFIG.format(folder=self._folder, port=self.port) + self._make_auth())
        program = unpack_registry(find_cache_root(os.environ))
        with (self._folder / "log").open("wb") as log:
            command = [str(program), "serve", str(config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _make_auth(self) -> str:
        if self._tokens:
            return _BEARER.format(
                realm=self._tokens.realm,
                service=SERVICE,
                issuer=ISSUER,
                certificate=self._tokens.certificate,
            )
        if self._auth != "basic":
            return ""
        (self._folder / "passwords").write_text(_PASSWORDS)
        return _BASIC.format(folder=self._folder)

    def _wait(self) -> None:
        give_up = time.monotonic() + _PATIENCE
        while not self._answers():
            log = (self._folder / "log").read_text(errors="replace")
            assert self._process, log
            assert self._process.poll() is None, log
            assert time.monotonic() < give_up, log
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://{self.host}/v2/", timeout=5) as answer:
                return bool(answer.status == 200)
        except HTTPError as refusal:
            return refusal.code == 401
        except (URLError, OSError):
            return False

    def _end(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(_PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
