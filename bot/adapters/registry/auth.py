"""Proving to a registry who we are, no more often and no earlier than it asks."""

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
        """The request as it is."""
        return r


class BearerAuth(AuthBase):
    """A token of the registry's own service."""

    def __init__(self, token: str) -> None:
        """The token is sent as it is."""
        self._token = token

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """The request with the token."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class RegistryAuth(AuthBase):
    """Puts onto requests whatever the registry last asked for."""

    def __init__(
        self, session: Session, reference: ImageReference, environment: Mapping[str, str]
    ) -> None:
        """Begins as nobody; `is_known` once credentials were found."""
        self._session, self._reference, self._environment = session, reference, environment
        self._current_auth: AuthBase = AnonymousAuth()
        self.has_credentials = False

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """The request with what was asked for last."""
        return self._current_auth(r)

    @cached_property
    def _credentials(self) -> Credentials | None:
        found = find_credentials(self._reference.domain, self._environment)
        self.has_credentials = found is not None
        return found

    def handle_challenge(self, response: Response) -> bool:
        """Gets what a 401 asks for, and says whether another try makes sense."""
        challenge = parse_challenge(response.headers.get("WWW-Authenticate", ""))
        response.close()
        if challenge is None:
            return False
        if challenge.scheme == "bearer":
            self._current_auth = BearerAuth(self._fetch_token(challenge, response.url))
            return True
        found = self._credentials
        if found is None or not found.username or isinstance(self._current_auth, HTTPBasicAuth):
            return False
        self._current_auth = HTTPBasicAuth(found.username.encode(), found.password.encode())
        return True

    def _fetch_token(self, challenge: Challenge, request_url: str) -> str:
        """A token to pull from this one repository."""
        host = self._reference.domain
        if urlsplit(challenge.realm).scheme not in ("https", urlsplit(request_url).scheme):
            why = (
                f"its token service is {challenge.realm!r}, where secrets would travel in the open"
            )
            raise RegistryError(f"{host} asks for a token in an unsafe way.", why)
        try:
            response = self._request_token(challenge)
            if not response.ok:
                raise make_registry_error(
                    RegistryError, response, self._reference, has_credentials=self.has_credentials
                )
            found = response.json()
            return str(found.get("token") or found["access_token"])
        except (RequestException, ValueError, KeyError, AttributeError) as problem:
            what = f"The token service of {host} gives no token."
            raise RegistryError(what, str(problem), "try again later") from problem

    def _request_token(self, challenge: Challenge) -> Response:
        scope = f"repository:{self._reference.path}:pull"
        question = {"service": challenge.service, "scope": scope, "client_id": _CLIENT_ID}
        found = self._credentials
        if found and found.identity_token:
            form = question | {"grant_type": "refresh_token", "refresh_token": found.identity_token}
            return self._session.post(
                challenge.realm, data=form, auth=AnonymousAuth(), timeout=_TIMEOUTS_S, stream=True
            )
        proof = HTTPBasicAuth(found.username.encode(), found.password.encode()) if found else None
        return self._session.get(
            challenge.realm,
            params=question,
            auth=proof or AnonymousAuth(),
            timeout=_TIMEOUTS_S,
            stream=True,
        )
