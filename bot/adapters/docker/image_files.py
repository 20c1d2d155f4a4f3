"""Looks into images of the engine: how they want to be run, and what is in their files."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_files import NoPeephole, Peephole, peephole
from bot.adapters.image_sources import ImageStore
from bot.model.container_config import Health, Settings

_MAX_FILE = 256 << 20
_NOTHING: Mapping[str, str] = {}


class ImageFiles:
    """The port `Files`: the files of one image, as its container would have them, none on our disk."""

    def __init__(self, hole: Peephole) -> None:
        """Use `ImageLooks.files`."""
        self._hole = hole

    def read(self, path: str) -> bytes | None:
        """A regular file's content, links followed; None if there is none, or it is too large."""
        try:
            look = self._hole.look("/" + path.lstrip("/"))
            if not look.is_file or look.size > _MAX_FILE:
                return None
            return self._hole.read(look.path, _MAX_FILE)
        except FileNotFoundError:
            return None

    def below(self, folder: str, wanted: Callable[[str, int], bool]) -> Iterable[tuple[str, bytes]]:
        """The regular files in and below a folder that are `wanted` by path and size in bytes."""
        try:
            look = self._hole.look("/" + folder.strip("/"))
        except FileNotFoundError:
            return
        with closing(self._hole.files(look.path)) as files:
            for file in files:
                # The engine puts the folder's own name in front, and nothing where that is the root.
                inside = file.path.partition("/")[2] if look.path.strip("/") else file.path
                path = posixpath.join(folder.strip("/"), inside).rstrip("/")
                if file.size <= _MAX_FILE and wanted(path, file.size):
                    yield path, file.content.read()


class ImageLooks:
    """The port `Looks`."""

    def __init__(self, images: ImageStore) -> None:
        """Asks nothing yet."""
        self._images = images

    @property
    def _engine(self) -> DockerEngine:
        return self._images.engine

    def settings(self, reference: str) -> Settings:
        """How an image wants to be run; BadInput if there is none of that name."""
        return read_settings(self._engine.get(reference).attrs.get("Config") or {})

    @contextmanager
    def files(self, reference: str) -> Iterator[ImageFiles]:
        """The files of an image, by way of a container that is never started."""
        image = self._engine.get(reference)
        try:
            with peephole(self._engine.client, str(image.id), [_NOTHING]) as hole:
                yield ImageFiles(hole)
        except NoPeephole as problem:
            raise OSError(
                f"the engine does not show the files of {reference}: {problem}"
            ) from problem


def read_settings(config: Mapping[str, Any]) -> Settings:
    """The settings of an image's config, as `docker inspect` shows it."""
    health = config.get("Healthcheck")
    pairs = (str(pair).partition("=") for pair in config.get("Env") or ())
    return Settings(
        env={name: value for name, _, value in pairs},
        user=str(config.get("User") or ""),
        workdir=str(config.get("WorkingDir") or ""),
        entrypoint=_words(config.get("Entrypoint")),
        command=_words(config.get("Cmd")),
        ports=tuple(sorted(config.get("ExposedPorts") or ())),
        volumes=tuple(sorted(config.get("Volumes") or ())),
        labels={str(k): str(v) for k, v in (config.get("Labels") or {}).items()},
        health=_health(health) if health else None,
        stop_signal=str(config.get("StopSignal") or ""),
        shell=_words(config.get("Shell")),
        triggers=_words(config.get("OnBuild")),
    )


def _health(config: Mapping[str, Any]) -> Health | None:
    test = _words(config.get("Test"))
    if not test or test[0] == "NONE":
        return None
    times = (int(config.get(name) or 0) for name in ("Interval", "Timeout", "StartPeriod"))
    interval, timeout, start_period = times
    return Health(test, interval, timeout, start_period, int(config.get("Retries") or 0))


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in value or ())
