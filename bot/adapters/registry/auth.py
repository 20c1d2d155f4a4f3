"""Authentication to a registry: only what a 401 asks for, and only then."""

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response, Session
from requests.auth import AuthBase, HTTPBasicAuth

from bot.adapters.registry.challenge import Challenge, parse_challenge
from bot.adapters.registry.credentials import Credentials, find_credentials
from bot.adapters.registry.errors import make_registry_error
from bot.errors import RegistryError
from bot.image.archives.reference import ImageReference

_CLIENT_ID = "image-size-review"
_TIMEOUTS_S = (10, 60)


class AnonymousAuth(AuthBase):
    """No credentials, not even those of a .netrc."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Return the request unchanged."""
        return r


class BearerAuth(AuthBase):
    """A token of the registry's token service."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Return the request with the token."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class RegistryAuth(AuthBase):
    """Adds to requests the authentication that the registry last asked for."""

    def __init__(
        self, session: Session, reference: ImageReference, environment: Mapping[str, str]
    ) -> None:
        """Start without credentials; `has_credentials` turns true once some were found."""
        self._session, self._reference, self._environment = session, reference, environment
        self._current_auth: AuthBase = AnonymousAuth()
        self.has_credentials = False

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Return the request with the current authentication."""
        return self._current_auth(r)

    @cached_property
    def _credentials(self) -> Credentials | None:
        credentials = find_credentials(self._reference.domain, self._environment)
        self.has_credentials = credentials is not None
        return credentials

    def handle_challenge(self, response: Response) -> bool:
        """Fetch what a 401 asks for; return True if another try makes sense."""
        challenge = parse_challenge(response.headers.get("WWW-Authenticate", ""))
        response.close()
        if challenge is None:
            return False
        if challenge.scheme == "bearer":
            self._current_auth = BearerAuth(self._fetch_token(challenge, response.url))
            return True
        credentials = self._credentials
        if (
            credentials is None
            or not credentials.username
            or isinstance(self._current_auth, HTTPBasicAuth)
        ):
            return False
        self._current_auth = HTTPBasicAuth(
            credentials.username.encode(), credentials.password.encode()
        )
        return True

    def _fetch_token(self, challenge: Challenge, request_url: str) -> str:
        """Fetch a token to pull from this one repository."""
        host = self._reference.domain
        if urlsplit(challenge.realm).scheme not in ("https", urlsplit(request_url).scheme):
            reason = (
                f"its token service is {challenge.realm!r}, where secrets would be sent unencrypted"
            )
            raise RegistryError(f"The token service of {host} is not secure.", reason)
        try:
            response = self._request_token(challenge)
            if not response.ok:
                raise make_registry_error(
                    RegistryError, response, self._reference, has_credentials=self.has_credentials
                )
            answer = response.json()
            return str(answer.get("token") or answer["access_token"])
        except (RequestException, ValueError, KeyError, AttributeError) as problem:
            what = f"The token service of {host} returned no token."
            raise RegistryError(what, str(problem), "try again later") from problem

    def _request_token(self, challenge: Challenge) -> Response:
        scope = f"repository:{self._reference.path}:pull"
        parameters = {"service": challenge.service, "scope": scope, "client_id": _CLIENT_ID}
        credentials = self._credentials
        if credentials and credentials.identity_token:
            form = parameters | {
                "grant_type": "refresh_token",
                "refresh_token": credentials.identity_token,
            }
            return self._session.post(
                challenge.realm, data=form, auth=AnonymousAuth(), timeout=_TIMEOUTS_S, stream=True
            )
        basic_auth = (
            HTTPBasicAuth(credentials.username.encode(), credentials.password.encode())
            if credentials
            else None
        )
        return self._session.get(
            challenge.realm,
            params=parameters,
            auth=basic_auth or AnonymousAuth(),
            timeout=_TIMEOUTS_S,
            stream=True,
        )
