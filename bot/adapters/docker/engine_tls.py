"""The SDK's settings of a connection by TLS.

Apart from engine_address.py, which must not import the SDK.
"""

import docker
from docker.errors import TLSParameterError

from bot.adapters.certificates import LenientAdapter

__all__ = ["LenientTLSConfig", "TLSParameterError"]


class LenientTLSConfig(docker.tls.TLSConfig):
    """The SDK's settings, which take the certificates that the docker command takes."""

    def configure_client(self, client: docker.APIClient) -> None:
        """Set up a client; the adapter has a reason to be another than that of requests."""
        super().configure_client(client)
        client.mount("https://", LenientAdapter())
