"""Authentication to a registry: only what a 401 asks for, and only then."""

from collections.abc import Mapping
from functools import cached_property

from requests import PreparedRequest, Response, Session
from requests.auth import AuthBase, HTTPBasicAuth

from bot.adapters.registry.anonymous_auth import AnonymousAuth
from bot.adapters.registry.challenge import parse_challenge
from bot.adapters.registry.credentials import Credentials, find_credentials
from bot.adapters.registry.token_service import TokenService
from bot.image.archives.reference import ImageReference


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
            service = TokenService(self._session, self._reference, challenge)
            token = service.fetch_token(response.url, self._credentials)
            self._current_auth = BearerAuth(token)
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
