"""The address of the Docker Engine, found as the docker command finds it.

DOCKER_HOST with its certificates (cli/flags/options.go in docker/cli), then the context, then the
default socket.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.adapters.environment import find_program, make_child_environment
from bot.adapters.process import run_program
from bot.errors import EngineUnavailableError

if TYPE_CHECKING:  # an address is needed where the SDK may not be: see image_lookup.py
    from docker.tls import TLSConfig

_CA_FILE, _CERTIFICATE_FILE, _KEY_FILE = "ca.pem", "cert.pem", "key.pem"
UNIX_SCHEME, _SSH_SCHEME = "unix://", "ssh://"
_DEFAULT_SOCKET = "/var/run/docker.sock"
_DEFAULT_PORT = 2375  # of the docker command, with certificates too


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """A host as DOCKER_HOST names it; for an engine behind TLS, the folder of its certificates.

    `verifies` is False where the user has said not to check the engine's certificate.
    """

    host: str
    certificates: Path | None = None
    verifies: bool = True

    def make_tls_config(self) -> TLSConfig | None:
        """Return the SDK's settings; raise EngineUnavailableError if a certificate is missing."""
        if self.certificates is None:
            return None
        from bot.adapters.docker.engine_tls import LenientTLSConfig, TLSParameterError

        certificate, key = self.certificates / _CERTIFICATE_FILE, self.certificates / _KEY_FILE
        has_pair = certificate.exists() or key.exists()  # one of them alone is a mistake
        authority = self.certificates / _CA_FILE
        try:
            return LenientTLSConfig(
                client_cert=(str(certificate), str(key)) if has_pair else None,
                ca_cert=str(authority) if authority.exists() else None,
                verify=self.verifies,
            )
        except TLSParameterError as problem:
            fix = (
                f"put {_CA_FILE}, {_CERTIFICATE_FILE} and {_KEY_FILE} there, "
                "or unset DOCKER_TLS_VERIFY"
            )
            raise EngineUnavailableError(
                f"The certificates in {str(self.certificates)!r} are not complete.",
                str(problem).split("\n", 1)[0],
                fix,
            ) from problem


def find_engine_address(environment: Mapping[str, str]) -> EngineAddress:
    """Return the engine's address; raise EngineUnavailableError for one over SSH or not valid."""
    address = _find_address(environment)
    try:
        if address.host.startswith(_SSH_SCHEME):
            raise _make_ssh_error(address.host)
        return replace(address, host=_add_port(address.host))
    except ValueError as problem:
        fix = "write tcp://HOST:PORT or unix:///PATH in DOCKER_HOST, or correct the context"
        what = f"The engine's address {address.host!r} is not valid."
        raise EngineUnavailableError(what, str(problem), fix) from None


def _make_ssh_error(host: str) -> EngineUnavailableError:
    """Return an error with the command that forwards the socket; ssh takes no password there."""
    parts = urlsplit(host)
    user = f"{parts.username}@" if parts.username else ""
    port = f"-p {parts.port} " if parts.port else ""
    socket = parts.path.rstrip("/") or _DEFAULT_SOCKET
    return EngineUnavailableError(
        f"Engines over SSH are not supported ({host}).",
        "images are read through the engine's API, and not by a program on its machine",
        f"forward its socket (`ssh -nNT {port}-L /tmp/engine.sock:{socket} "
        f"{user}{parts.hostname or ''}`) and set DOCKER_HOST=unix:///tmp/engine.sock",
    )


def _add_port(host: str) -> str:
    """Complete an address without port as the docker command does; ValueError if not valid."""
    parts = urlsplit(host)
    if parts.scheme != "tcp" or not parts.hostname or parts.port:
        return host
    return parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{_DEFAULT_PORT}").geturl()


def _find_address(environment: Mapping[str, str]) -> EngineAddress:
    host = environment.get("DOCKER_HOST")
    if not host:
        return _find_context_address(environment) or EngineAddress(
            f"{UNIX_SCHEME}{_DEFAULT_SOCKET}"
        )
    verifies = bool(environment.get("DOCKER_TLS_VERIFY"))
    # docker/cli asks for TLS by either variable, and verifies by the first one alone.
    if not (verifies or environment.get("DOCKER_TLS")) or host.startswith("unix:"):
        return EngineAddress(host)
    folder = environment.get("DOCKER_CERT_PATH") or environment.get("DOCKER_CONFIG")
    return EngineAddress(
        host, Path(folder) if folder else Path(environment.get("HOME", "/"), ".docker"), verifies
    )


def _find_context_address(environment: Mapping[str, str]) -> EngineAddress | None:
    """Return the address of the context in use; None without the docker command."""
    program = find_program("docker", environment)
    if program is None:
        return None
    result = run_program(
        [program, "context", "inspect", "--format", "{{json .}}"],
        make_child_environment(environment),
        timeout_s=60,
    )
    return parse_context(result.text) if result.status == 0 else None


def parse_context(text: str) -> EngineAddress | None:
    """Read a context as `docker context inspect` prints it; None if it names no engine."""
    try:
        context: dict[str, Any] = json.loads(text)
        endpoint = context["Endpoints"]["docker"]
        host, verifies = str(endpoint["Host"]), not endpoint.get("SkipTLSVerify")
        has_certificates = bool((context.get("TLSMaterial") or {}).get("docker"))
        folder = Path(str((context.get("Storage") or {}).get("TLSPath") or ""), "docker")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    if not host:
        return None
    return EngineAddress(host, folder if has_certificates or not verifies else None, verifies)
