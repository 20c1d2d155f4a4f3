"""Temporary containers.

The name is chosen before creation, so that an interrupted create can still be cleaned up.
"""

import contextlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import APIError, NotFound

# The engine may still be creating a container after the call for it was interrupted.
_CLEANUP_TIMEOUT_S = 3.0
_RETRY_PAUSE_S = 0.1


@contextmanager
def temporary_container(client: docker.DockerClient, **options: Any) -> Iterator[str]:
    """Create a container with the SDK's options; yield its ID and remove it afterwards."""
    name = f"image-size-review-{secrets.token_hex(8)}"
    try:
        container_id = str(client.api.create_container(name=name, **options)["Id"])
    except APIError:
        raise
    except BaseException:
        _remove_once_created(client, name)
        raise
    try:
        yield container_id
    finally:
        # It may be removed already, or be in removal.
        with contextlib.suppress(APIError):
            client.api.remove_container(container_id, v=True, force=True)


def _remove_once_created(client: docker.DockerClient, name: str) -> None:
    """Remove a container as soon as it exists, for as long as it may come to exist."""
    end = time.monotonic() + _CLEANUP_TIMEOUT_S
    while time.monotonic() < end:
        try:
            client.api.remove_container(name, v=True, force=True)
        except NotFound:
            time.sleep(_RETRY_PAUSE_S)
        else:
            return
