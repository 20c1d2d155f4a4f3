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

_PATIENCE, _PAUSE = 3.0, 0.1  # seconds that the engine has to finish what nobody waits for any more


@contextmanager
def container(client: docker.DockerClient, **options: Any) -> Iterator[str]:
    """The ID of a container that the SDK's `create_container` makes; gone afterwards."""
    name = f"image-size-review-{secrets.token_hex(8)}"
    try:
        made = str(client.api.create_container(name=name, **options)["Id"])
    except APIError:
        raise
    except BaseException:
        _remove_when_made(client, name)
        raise
    try:
        yield made
    finally:
        # It may be gone already, or just going.
        with contextlib.suppress(APIError):
            client.api.remove_container(made, v=True, force=True)


def _remove_when_made(client: docker.DockerClient, name: str) -> None:
    """Removes a container that may be there, or may come to be."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            client.api.remove_container(name, v=True, force=True)
        except NotFound:
            time.sleep(_PAUSE)
        else:
            return
