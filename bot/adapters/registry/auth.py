"""Authentication to a registry: only what a 401 asks for, and only then."""

from collections.abc import Mapping
from functools import cached_property

from requests import PreparedRequest, Response, Session
from requests.auth import AuthBase, HTTPBasicAuth

from bot.adapters.registry.anonymous_auth import AnonymousAuth
from bot.adapters.registry.challenge import Challenge, parse_challenge
from bot.adapters.registry.client_logins import ClientLogins, Login
from bot.adapters.registry.login_entries import Credentials
from bot.adapters.registry.token_service import TokenService
from bot.errors import RegistryError
from bot.image.archives.reference import ImageReference


class BearerAuth(AuthBase):
    """A token of the registry's token service."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request with the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class RegistryAuth(AuthBase):
    """Adds to requests the authentication that the registry last asked for."""

    def __init__(
        self, session: Session, reference: ImageReference, environment: Mapping[str, str]
    ) -> None:
        """Start without credentials; `has_credentials` turns true once some were found."""
        self._session, self._reference = session, reference
        self._logins = ClientLogins(environment)
        self._current_auth: AuthBase = AnonymousAuth()
        self._login = Login()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request with the current authentication."""
        return self._current_auth(request)

    @cached_property
    def _credentials(self) -> Credentials | None:
        self._login = self._logins.find(self._reference.domain, self._reference.path)
        return self._login.credentials

    @property
    def has_credentials(self) -> bool:
        """True once credentials were asked for and found."""
        return self._login.credentials is not None

    def explain(self, error: RegistryError) -> None:
        """Add to a refusal where the login is from, or why there is none."""
        login = self._login
        words = f"the login is from {login.origin}" if login.credentials else login.problem
        error.why = "; ".join(filter(None, (words, error.why)))

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
            # They were sent already and refused: a second try would be the same.
            or isinstance(self._current_auth, HTTPBasicAuth)
        ):
            return False
        # As UTF-8: requests would encode texts as Latin-1.
        self._current_auth = HTTPBasicAuth(
            credentials.username.encode(), credentials.password.encode()
        )
        return True

    def _fetch_token(self, challenge: Challenge, registry_url: str) -> str:
        # It is a token to pull already: the service is not asked.
        if self._credentials and self._credentials.registry_token:
            return self._credentials.registry_token
        service = TokenService(self._session, self._reference, challenge)
        try:
            return service.fetch_token(registry_url, self._credentials)
        except RegistryError as error:
            self.explain(error)
            raise
