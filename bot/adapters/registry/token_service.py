"""The token service of a registry, which gives a token to pull for credentials or for nothing.

The registry names the service, so that credentials go to the host that it names, and no further.
"""

import re
from urllib.parse import urljoin

from requests import RequestException, Response, Session
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from bot.adapters.registry.anonymous_auth import AnonymousAuth
from bot.adapters.registry.bounded_answer import AnswerLimits, read_json_answer
from bot.adapters.registry.challenge import Challenge
from bot.adapters.registry.errors import make_registry_error
from bot.adapters.registry.login_entries import Credentials
from bot.errors import RegistryError, describe_cause
from bot.image.archives.reference import ImageReference

_CLIENT_ID = "image-size-review"
_TIMEOUTS_S = (10, 20)  # seconds to connect, and between two pieces of an answer
_ANSWER_LIMITS = AnswerLimits(max_bytes=1 << 20, time_s=60)
_MAX_REDIRECTS = 5
# What a header may hold: no blank, no control character, no line end.
_TOKEN = re.compile(r"[!-~]{1,65536}")


class TokenService:
    """Fetches tokens for one repository."""

    def __init__(
        self,
        session: Session,
        reference: ImageReference,
        challenge: Challenge,
        limits: AnswerLimits = _ANSWER_LIMITS,
    ) -> None:
        self._session, self._reference, self._challenge = session, reference, challenge
        self._limits = limits

    def fetch_token(self, registry_url: str, credentials: Credentials | None) -> str:
        """Return a token; RegistryError if there is none, or credentials would not be safe."""
        host = self._reference.domain
        try:
            with self._follow_redirects(registry_url, credentials) as response:
                if not response.ok:
                    raise make_registry_error(
                        RegistryError,
                        response,
                        self._reference,
                        has_credentials=credentials is not None,
                    )
                return _read_token(response, self._limits)
        except (RequestException, HTTPError, OSError, ValueError) as problem:
            what = f"The token service of {host} returned no token."
            raise RegistryError(what, describe_cause(problem), "try again later") from problem

    def _follow_redirects(self, registry_url: str, credentials: Credentials | None) -> Response:
        """Return the first answer that is no redirect."""
        previous, url = parse_url(registry_url), self._challenge.realm
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_scheme(url, previous)
            response = self._send(url, credentials)
            if not response.is_redirect:
                return response
            response.close()
            previous, url = parse_url(url), urljoin(url, response.headers["Location"])
            if credentials and not _is_same_host(previous, parse_url(url)):
                what = f"The token service of {self._reference.domain} is not safe."
                why = "it redirects to another host, where credentials would be sent along"
                raise RegistryError(
                    what, why, "ask the registry's owner, or log out to try without"
                )
        raise ValueError("it redirects without end")

    def _check_scheme(self, url: str, previous: Url) -> None:
        """Raise RegistryError for anything but HTTPS, or HTTP after HTTP."""
        if parse_url(url).scheme not in ("https", previous.scheme):
            what = f"The token service of {self._reference.domain} is not secure."
            why = f"its token service is {url[:200]!r}, where secrets would be sent unencrypted"
            raise RegistryError(what, why, "ask the registry's owner")

    def _send(self, url: str, credentials: Credentials | None) -> Response:
        """Send one request; a redirect is not followed."""
        scope = f"repository:{self._reference.path}:pull"
        # The distribution project's token specification; with a refresh token it is OAuth 2.0's
        # form.
        fields = {"service": self._challenge.service, "scope": scope, "client_id": _CLIENT_ID}
        auth: AuthBase = AnonymousAuth()
        if credentials and credentials.identity_token:
            token = {"grant_type": "refresh_token", "refresh_token": credentials.identity_token}
            method, parameters, form = "POST", None, fields | token
        else:
            method, parameters, form = "GET", fields, None
            if credentials:
                auth = HTTPBasicAuth(credentials.username.encode(), credentials.password.encode())
        return self._session.request(
            method,
            url,
            params=parameters,
            data=form,
            auth=auth,
            headers={"Accept-Encoding": "identity"},
            timeout=_TIMEOUTS_S,
            stream=True,
            allow_redirects=False,
        )


def _is_same_host(first: Url, second: Url) -> bool:
    """Return True for the same host and port, or for HTTPS instead of HTTP on the same host.

    By the parser that requests sends with: two parsers may disagree on the host of an odd URL.
    """
    is_upgrade = (first.scheme, second.scheme) == ("http", "https")
    return first.host == second.host and (is_upgrade or first.port == second.port)


def _read_token(response: Response, limits: AnswerLimits) -> str:
    """Return the token of an answer; ValueError, without the token, for one that is not usable."""
    answer = read_json_answer(response, limits)
    fields = answer if isinstance(answer, dict) else {}
    # The specification has one name, OAuth 2.0 the other; a service may send either.
    token = fields.get("token") or fields.get("access_token")
    if not token:
        raise ValueError("its answer has no token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ValueError("its token is too long, or has characters that no header may have")
    return token
