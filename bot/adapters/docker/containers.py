"""Containers of ours. Each has a name that was chosen before it is made: who is interrupted while the
engine makes it can take it away all the same."""

import contextlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import APIError, NotFound

_CLEANUP_TIMEOUT_S, _RETRY_PAUSE_S = (
    3.0,
    0.1,
)  # seconds that the engine has to finish what nobody waits for any more


@contextmanager
def temporary_container(client: docker.DockerClient, **options: Any) -> Iterator[str]:
    """The ID of a container that the SDK's `create_container` makes; gone afterwards."""
    name = f"image-size-review-{secrets.token_hex(8)}"
    try:
        made = str(client.api.create_container(name=name, **options)["Id"])
    except APIError:
        raise
    except BaseException:
        _remove_once_created(client, name)
        raise
    try:
        yield made
    finally:
        # It may be gone already, or just going.
        with contextlib.suppress(APIError):
            client.api.remove_container(made, v=True, force=True)


def _remove_once_created(client: docker.DockerClient, name: str) -> None:
    """Removes a container that may be there, or may come to be."""
    end = time.monotonic() + _CLEANUP_TIMEOUT_S
    while time.monotonic() < end:
        try:
            client.api.remove_container(name, v=True, force=True)
        except NotFound:
            time.sleep(_RETRY_PAUSE_S)
        else:
            return
