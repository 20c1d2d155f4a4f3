"""Images of services: those of the engine, or pulled by it with the logins of the client."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from docker.models.images import Image

from bot.adapters.docker.engine_errors import EngineFailure, engine_errors
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.registry.client_logins import ClientLogins
from bot.adapters.registry.login_entries import to_engine_login
from bot.errors import ReviewError
from bot.image.archives.reference import is_reference, parse_reference
from bot.line.pins import Pins

_PULL_TIMEOUT_S = 300
PinImages = Callable[[Sequence[str], str | None], Pins]


class ServiceFailure(Exception):
    """A service that cannot be started, or that ended; the text says which, and why."""


class ServiceImages:
    """The images of services, each resolved and pulled once in a run, also one that fails.

    They are resolved as base images are: `pin_images` is the builder's.
    """

    def __init__(
        self, handle: EngineHandle, environment: Mapping[str, str], pin_images: PinImages
    ) -> None:
        self._handle, self._logins = handle, ClientLogins(environment)
        self._pin_images = pin_images
        self._provided: dict[str, Image] = {}
        self._problems: dict[str, str] = {}

    def provide(self, name: str) -> Image:
        """Return an image that the engine has by then; raise ServiceFailure if it cannot be had."""
        if name not in self._provided and name not in self._problems:
            try:
                self._provided[name] = self._provide(name)
            except (ReviewError, OSError) as problem:
                reason = str(getattr(problem, "what", problem)).strip().split("\n", 1)[0]
                self._problems[name] = reason
        if problem_text := self._problems.get(name):
            raise ServiceFailure(f"its image {name} cannot be had ({problem_text})")
        return self._provided[name]

    def _provide(self, name: str) -> Image:
        if not is_reference(name):
            raise EngineFailure("this is no name of an image")
        pins = self._pin_images([name], None)
        if name in pins.unresolved:
            raise EngineFailure(pins.unresolved[name])
        reference = pins.resolved.get(name, name)
        if self._handle.engine.find_image(reference) is None:
            self._pull(reference)
        return self._handle.engine.get_image(reference)

    def _pull(self, reference: str) -> None:
        parsed = parse_reference(reference)
        login = self._logins.try_find(parsed.domain, parsed.path)
        access = to_engine_login(login.credentials, parsed.domain)
        with engine_errors(f"pull {reference}"):
            lines = self._handle.engine.client.api.pull(
                reference, stream=True, decode=True, auth_config=access
            )
            try:
                _read_progress(lines)
            finally:
                lines.close()


def _read_progress(lines: Iterable[Mapping[str, Any]]) -> None:
    """Read the progress of a pull to its end; raise EngineFailure if it fails or takes too long."""
    deadline_s = time.monotonic() + _PULL_TIMEOUT_S
    for line in lines:
        if error := line.get("error"):
            raise EngineFailure(str(error))
        if time.monotonic() > deadline_s:
            raise EngineFailure(f"the pull took more than {_PULL_TIMEOUT_S} s")
