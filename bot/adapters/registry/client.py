"""Requests to a registry about one repository, and plain errors for its refusals."""

import re
import ssl
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest, RequestException, Response
from urllib3.exceptions import HTTPError

from bot.adapters.certificates import CA_BUNDLE_VARIABLES, trusted_certificates
from bot.adapters.registry.auth import RegistryAuth
from bot.adapters.registry.bounded_answer import AnswerLimits, AnswerTooLarge, read_answer
from bot.adapters.registry.bounded_connection import BoundedAdapter, LenientBoundedAdapter
from bot.adapters.registry.errors import make_registry_error
from bot.adapters.registry.retries import RegistryRetry
from bot.errors import RegistryError
from bot.image.archives.descriptor import MAX_DOCUMENT_BYTES
from bot.image.archives.reference import DOCKER_HUB, ImageReference
from bot.image.layers.streams import Unreadable

_HUB_HOST = "registry-1.docker.io"
_CONNECT_TIMEOUT_S = 10
_DOCUMENT_TRIES = 3
# A registry redirects once, to its store of blobs.
_MAX_REDIRECTS = 5
_ACCEPT_HEADER = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "*/*",
    )
)
_LOOPBACK_HOST = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")
_INSECURE_VARIABLE = "IMAGE_SIZE_INSECURE_REGISTRIES"
_CERTIFICATE_REFUSED = "CERTIFICATE_VERIFY_FAILED"  # in OpenSSL's error


@dataclass(frozen=True, slots=True)
class RegistryLimits:
    """The patience with one registry.

    `header_time_s` is that with the headers of one answer, and with a pause between two pieces;
    `documents_time_s` that with the bodies of all documents of an image together, which are small.
    """

    header_time_s: float = 45
    documents_time_s: float = 60


class NotInRegistry(RegistryError):
    """A manifest or blob that the registry does not have."""


class RegistryClient:
    """Reads from one repository; a context manager."""

    def __init__(
        self,
        reference: ImageReference,
        environment: Mapping[str, str],
        limits: RegistryLimits = RegistryLimits(),
    ) -> None:
        self._reference, self._environment = reference, environment
        self._host = _HUB_HOST if reference.domain == DOCKER_HUB else reference.domain
        self._timeouts_s = (_CONNECT_TIMEOUT_S, limits.header_time_s)
        self._remaining_time_s = limits.documents_time_s
        self._stack = ExitStack()
        trusted = self._stack.enter_context(trusted_certificates(environment))
        bundle = trusted if isinstance(trusted, str) else None
        self._session = _make_session(self._host, bundle, limits.header_time_s)
        self._auth = RegistryAuth(self._session, reference, environment)
        self._base_url = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()
        self._stack.close()

    def fetch_document(self, path: str, tries: int = _DOCUMENT_TRIES) -> tuple[bytes, str]:
        """Return a whole document and the digest the registry states, empty if it states none."""
        try:
            with self.open_response(path) as response:
                data = self._read_document(response)
        except AnswerTooLarge as problem:
            raise Unreadable(f"{path} is too large for a document") from problem
        except TimeoutError as problem:  # another try would take as long
            raise self._explain_connection_error(problem) from problem
        except (HTTPError, OSError) as problem:
            if tries == 1:
                raise self._explain_connection_error(problem) from problem
            return self.fetch_document(path, tries - 1)
        return data, response.headers.get("Docker-Content-Digest", "")

    def _read_document(self, response: Response) -> bytes:
        """Return the body of an answer, within the time that is left for all of them."""
        started = time.monotonic()
        try:
            return read_answer(response, AnswerLimits(MAX_DOCUMENT_BYTES, self._remaining_time_s))
        finally:
            self._remaining_time_s -= time.monotonic() - started

    def open_response(self, path: str, offset: int = 0) -> Response:
        """Return a response with its body unread; raise NotInRegistry or RegistryError."""
        # A blob's digest is that of its bytes as stored: nothing may compress it on the way.
        headers = {"Accept": _ACCEPT_HEADER, "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        url = f"{self._find_base_url()}/v2/{self._reference.path}/{path}"
        response = self._get(url, headers)
        if response.status_code == 401 and self._auth.handle_challenge(response):
            response.close()
            response = self._get(url, headers)
        if response.ok:
            return response
        kind = NotInRegistry if response.status_code == 404 else RegistryError
        with response:
            error = make_registry_error(
                kind, response, self._reference, has_credentials=self._auth.has_credentials
            )
        self._auth.explain(error)
        raise error

    def _get(self, url: str, headers: Mapping[str, str]) -> Response:
        try:
            return self._session.get(
                url, headers=headers, auth=self._auth, stream=True, timeout=self._timeouts_s
            )
        except (RequestException, ValueError) as problem:  # ValueError for an odd redirect
            raise self._explain_connection_error(problem) from problem

    def _find_base_url(self) -> str:
        """Return the registry's URL; plain HTTP only on loopback, or where it is allowed."""
        if not self._base_url:
            plain = self._can_use_http() and not self._has_tls()
            self._base_url = f"{'http' if plain else 'https'}://{self._host}"
        return self._base_url

    def _can_use_http(self) -> bool:
        allowed = re.split(r"[,\s]+", self._environment.get(_INSECURE_VARIABLE, ""))
        return bool(_LOOPBACK_HOST.fullmatch(self._host)) or self._host in allowed

    def _has_tls(self) -> bool:
        """Return True if the host speaks TLS, whatever its certificate."""
        address = urlsplit(f"//{self._host}")
        try:
            ssl.get_server_certificate((address.hostname or "", address.port or 443), timeout=5)
        except (OSError, ValueError):
            return False
        return True

    def _explain_connection_error(self, problem: Exception) -> RegistryError:
        """Return the error without its URL, which may hold a blob store's signature."""
        reason = getattr(problem.args[0] if problem.args else None, "reason", None) or problem
        if _CERTIFICATE_REFUSED in str(reason):
            what = f"The certificate of the registry {self._host} is not trusted."
            fix = f"name the file of its authority in {' or '.join(CA_BUNDLE_VARIABLES)}"
            return RegistryError(what, str(reason), fix)
        fix = "check the name, the network, and the proxy in the environment"
        return RegistryError(f"The registry {self._host} does not answer.", str(reason), fix)


class _RegistrySession(requests.Session):
    """Follows redirects to blob stores without sending them the credentials."""

    def get_redirect_target(self, resp: Response) -> str | None:
        """Return where a redirect leads; its body, which requests would read whole, is left."""
        target = super().get_redirect_target(resp)
        if target is not None:
            resp.close()
            resp._content = b""
        return target

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Remove the credentials from a request that is redirected to another host."""
        before, after = response.request.url or "", prepared_request.url or ""
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("Authorization", None)


def _make_session(host: str, bundle: str | None, header_time_s: float) -> requests.Session:
    session = _RegistrySession()
    session.max_redirects = _MAX_REDIRECTS
    # A proxy would not reach a registry on this machine.
    session.trust_env = not _LOOPBACK_HOST.fullmatch(host)
    session.verify = bundle or True
    retries = RegistryRetry.make_default()
    session.mount("http://", BoundedAdapter(header_time_s, max_retries=retries))
    adapter = LenientBoundedAdapter if bundle else BoundedAdapter
    session.mount("https://", adapter(header_time_s, max_retries=retries))
    return session
