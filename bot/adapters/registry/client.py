"""Requests to a registry about one repository, and clear words for whatever it answers."""

import re
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from bot.adapters.registry.auth import Access
from bot.adapters.registry.errors import refusal
from bot.adapters.registry.retries import Patience
from bot.errors import RegistryFailed
from bot.image.archives.descriptor import MAX_DOCUMENT
from bot.image.archives.reference import HUB, Reference
from bot.image.layers.streams import Unreadable

_HUB_HOST = "registry-1.docker.io"
_TIMEOUT = (10, 60)  # seconds to connect, and between two pieces of an answer
_TRIES = 3
_MAX_REDIRECTS = 5
_ACCEPTED = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "*/*",
    )
)
_LOOPBACK = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_INSECURE = "IMAGE_SIZE_INSECURE_REGISTRIES"
_REFUSED = "CERTIFICATE_VERIFY_FAILED"  # as OpenSSL says it


class Missing(RegistryFailed):
    """What the registry has not."""


class Client:
    """Reads from one repository; use it with `with`."""

    def __init__(self, reference: Reference, environment: Mapping[str, str]) -> None:
        """Asks for nothing yet, not even for credentials."""
        self._reference, self._environment = reference, environment
        self._host = _HUB_HOST if reference.domain == HUB else reference.domain
        self._session = _session(self._host, environment)
        self._access = Access(self._session, reference, environment)
        self._address = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def document(self, path: str, tries: int = _TRIES) -> tuple[bytes, str]:
        """A document whole, and the digest that the registry says it has (empty if it doesn't)."""
        try:
            with self.open(path) as response:
                data: bytes = response.raw.read(MAX_DOCUMENT + 1, decode_content=True)
        except (HTTPError, OSError) as problem:
            if tries == 1:
                raise self._unreachable(problem) from problem
            return self.document(path, tries - 1)
        if len(data) > MAX_DOCUMENT:
            raise Unreadable(f"{path} is too large for a document")
        return data, response.headers.get("Docker-Content-Digest", "")

    def open(self, path: str, offset: int = 0) -> Response:
        """An answer whose body is still to be read; Missing or RegistryFailed if there is none."""
        headers = {"Accept": _ACCEPTED, "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        url = f"{self._base()}/v2/{self._reference.path}/{path}"
        response = self._get(url, headers)
        if response.status_code == 401 and self._access.answer(response):
            response = self._get(url, headers)
        if response.ok:
            return response
        kind = Missing if response.status_code == 404 else RegistryFailed
        raise refusal(kind, response, self._reference, known=self._access.is_known)

    def _get(self, url: str, headers: Mapping[str, str]) -> Response:
        try:
            return self._session.get(
                url, headers=headers, auth=self._access, stream=True, timeout=_TIMEOUT
            )
        except RequestException as problem:
            raise self._unreachable(problem) from problem

    def _base(self) -> str:
        """Where the registry answers. Without TLS only on this machine, or where that is allowed."""
        if not self._address:
            plain = self._may_be_plain() and not self._speaks_tls()
            self._address = f"{'http' if plain else 'https'}://{self._host}"
        return self._address

    def _may_be_plain(self) -> bool:
        allowed = re.split(r"[,\s]+", self._environment.get(_INSECURE, ""))
        return bool(_LOOPBACK.fullmatch(self._host)) or self._host in allowed

    def _speaks_tls(self) -> bool:
        """Whether TLS is spoken there at all, be its certificate good or bad."""
        place = urlsplit(f"//{self._host}")
        try:
            ssl.get_server_certificate((place.hostname or "", place.port or 443), timeout=5)
        except (OSError, ValueError):
            return False
        return True

    def _unreachable(self, problem: Exception) -> RegistryFailed:
        """The error without its URL, which may hold a blob store's signature."""
        reason = getattr(problem.args[0] if problem.args else None, "reason", None) or problem
        if _REFUSED in str(reason):
            what = f"The certificate of the registry {self._host} is not trusted."
            fix = f"name the file of its authority in {' or '.join(_CERTIFICATES)}"
            return RegistryFailed(what, str(reason), fix)
        fix = "check the name, the network, and the proxy in the environment"
        return RegistryFailed(f"The registry {self._host} does not answer.", str(reason), fix)


class _Session(requests.Session):
    """Follows redirects to blob stores without telling them who we are."""

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        """On its way to another host, a request leaves its credentials behind."""
        before, after = response.request.url or "", prepared_request.url or ""
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop("Authorization", None)


def _session(host: str, environment: Mapping[str, str]) -> requests.Session:
    session = _Session()
    session.max_redirects = _MAX_REDIRECTS
    # No proxy stands between this machine and itself.
    session.trust_env = not _LOOPBACK.fullmatch(host)
    given = (environment[name] for name in _CERTIFICATES if environment.get(name))
    session.verify = next(given, True)
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=Patience.usual()))
    return session
