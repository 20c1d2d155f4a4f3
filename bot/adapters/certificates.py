"""Trusted certificates, where a server or a proxy has its own authority.

GitHub, git and the registries read the same variables, so they are read here once.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_EXTRA_CERTIFICATES_VARIABLE = "NODE_EXTRA_CA_CERTS"


def find_ca_bundle(environment: Mapping[str, str]) -> str | None:
    """Return the file that replaces the usual certificates; None if no variable names one."""
    return next((environment[name] for name in _BUNDLE_VARIABLES if environment.get(name)), None)


@contextmanager
def trusted_certificates(environment: Mapping[str, str]) -> Iterator[str | bool]:
    """Yield the certificates to trust, as requests takes them; True for the usual ones.

    The variables are those of other programs in a workflow: one of `_BUNDLE_VARIABLES` replaces
    the usual certificates, and NODE_EXTRA_CA_CERTS adds to them.
    """
    replacement, extra_path = (
        find_ca_bundle(environment),
        environment.get(_EXTRA_CERTIFICATES_VARIABLE),
    )
    if replacement or not extra_path or not Path(extra_path).is_file():
        yield replacement or True
        return
    with tempfile.NamedTemporaryFile(prefix="image-size-review-", suffix=".pem") as file:
        for path in (DEFAULT_CA_BUNDLE_PATH, extra_path):
            file.write(Path(path).read_bytes() + b"\n")
        file.flush()
        yield file.name
