"""Trusted certificates, where a server or a proxy has its own authority.

GitHub, git and the registries read the same variables, so they are read here once.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from bot.adapters.temporary_folders import temporary_folder

CA_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_EXTRA_CERTIFICATES_VARIABLE = "NODE_EXTRA_CA_CERTS"


class LenientAdapter(HTTPAdapter):
    """An adapter of requests for servers with an authority that the user has named.

    From Python 3.13 on, certificates must follow RFC 5280 strictly (VERIFY_X509_STRICT). Those of
    many companies lack key identifiers ("Missing Authority Key Identifier"), and git, curl, Node
    and the docker client accept them: so does this adapter. All else is verified as usual.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of direct connections."""
        super().init_poolmanager(*args, ssl_context=_make_ssl_context(), **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pool of connections through a proxy."""
        return super().proxy_manager_for(proxy, ssl_context=_make_ssl_context(), **kwargs)


def _make_ssl_context() -> ssl.SSLContext:
    """Return the usual context of urllib3, less strict; requests fills it with certificates."""
    context = create_urllib3_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def find_ca_bundle(environment: Mapping[str, str]) -> str | None:
    """Return the file that replaces the usual certificates; None if no variable names one."""
    return next((environment[name] for name in CA_BUNDLE_VARIABLES if environment.get(name)), None)


@contextmanager
def trusted_certificates(environment: Mapping[str, str]) -> Iterator[str | bool]:
    """Yield the certificates to trust, as requests takes them; True for the usual ones.

    The variables are those of other programs in a workflow: one of `CA_BUNDLE_VARIABLES` replaces
    the usual certificates, and NODE_EXTRA_CA_CERTS adds to them.
    """
    replacement, extra_path = (
        find_ca_bundle(environment),
        environment.get(_EXTRA_CERTIFICATES_VARIABLE),
    )
    if replacement or not extra_path or not Path(extra_path).is_file():
        yield replacement or True
        return
    with temporary_folder() as folder:
        bundle = folder / "certificates.pem"
        paths = (DEFAULT_CA_BUNDLE_PATH, extra_path)
        bundle.write_bytes(b"".join(Path(path).read_bytes() + b"\n" for path in paths))
        yield str(bundle)
