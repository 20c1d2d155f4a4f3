"""Requests without credentials."""

from requests import PreparedRequest
from requests.auth import AuthBase


class AnonymousAuth(AuthBase):
    """No credentials, not even those of a .netrc."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request unchanged."""
        return request
