"""Whose certificates are trusted, where a server or a proxy has one of its own making."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_EXTRA_CERTIFICATES_VARIABLE = "NODE_EXTRA_CA_CERTS"


def find_ca_bundle(environment: Mapping[str, str]) -> str | None:
    """The file that takes the place of the usual certificates; None if there is no such wish."""
    return next((environment[name] for name in _BUNDLE_VARIABLES if environment.get(name)), None)


@contextmanager
def trusted_certificates(environment: Mapping[str, str]) -> Iterator[str | bool]:
    """The file of the certificates to trust, as requests takes it; True for the usual ones.

    The variables are those that other programs of a workflow go by: one takes the place of the
    usual certificates, and what Node adds to them is added here too.
    """
    instead, extra = find_ca_bundle(environment), environment.get(_EXTRA_CERTIFICATES_VARIABLE)
    if instead or not extra or not Path(extra).is_file():
        yield instead or True
        return
    with tempfile.NamedTemporaryFile(prefix="image-size-review-", suffix=".pem") as file:
        for path in (DEFAULT_CA_BUNDLE_PATH, extra):
            file.write(Path(path).read_bytes() + b"\n")
        file.flush()
        yield file.name
