"""Temporary containers.

The name is chosen before creation, so that an interrupted create can still be cleaned up.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from docker.errors import APIError, NotFound

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_errors import engine_errors
from bot.errors import EngineUnavailableError

# The engine may still be creating a container after the call for it was interrupted.
_CLEANUP_TIMEOUT_S = 3.0
_RETRY_PAUSE_S = 0.1


@contextmanager
def temporary_container(engine: DockerEngine, **options: Any) -> Iterator[str]:
    """Create a container with the SDK's options; yield its ID and remove it afterwards.

    Raises EngineFailure or EngineUnavailableError. One that cannot be removed is left to a later
    run: what was read from it is right. The proxies of the client's configuration,
    which may have a password, are kept out of it.
    """
    name = engine.run.name_container()
    options["use_config_proxy"] = False
    try:
        with engine_errors("create a container"):
            container_id = str(engine.client.api.create_container(name=name, **options)["Id"])
    except BaseException as problem:
        # The engine's refusal is certain; after a broken connection the container may yet appear.
        if not isinstance(problem.__cause__, APIError):
            _remove_once_created(engine, name)
        raise
    try:
        yield container_id
    finally:
        _remove_or_leave(engine, container_id)


def _remove_or_leave(engine: DockerEngine, container_id: str) -> None:
    """Remove a container, or leave it to the next run; it may be removed already, or in removal."""
    try:
        with engine_errors("remove a container"), suppress(NotFound):
            # With its anonymous volumes (`v`), which would stay for ever.
            engine.client.api.remove_container(container_id, v=True, force=True)
    except (OSError, EngineUnavailableError) as problem:
        # 409: a removal of this container is already in progress.
        if getattr(problem.__cause__, "status_code", None) != HTTPStatus.CONFLICT:
            engine.run.add_leftover()


def _remove_once_created(engine: DockerEngine, name: str) -> None:
    """Remove a container as soon as it exists, for as long as it may come to exist."""
    end = time.monotonic() + _CLEANUP_TIMEOUT_S
    with suppress(OSError, EngineUnavailableError), engine_errors("remove a container"):
        while time.monotonic() < end:
            try:
                engine.client.api.remove_container(name, v=True, force=True)
            except NotFound:
                time.sleep(_RETRY_PAUSE_S)
            else:
                return
