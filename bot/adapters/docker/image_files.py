"""Looks into images of the engine: how they want to be run, and what is in their files."""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_files import EngineFiles, EngineFilesUnavailable, open_engine_files
from bot.adapters.docker.engine_handle import EngineHandle
from bot.model.container_config import ContainerConfig, HealthCheck

_MAX_FILE_BYTES = 256 << 20
_NO_FOLDERS: Mapping[str, str] = {}


class ImageFiles:
    """The port `ImageContents`: the files of one image, as its container would have them, none on our disk."""

    def __init__(self, engine_files: EngineFiles) -> None:
        """Use `DockerImageInspector.files`."""
        self._engine_files = engine_files

    def read(self, path: str) -> bytes | None:
        """A regular file's content, links followed; None if there is none, or it is too large."""
        try:
            look = self._engine_files.stat("/" + path.lstrip("/"))
            if not look.is_file or look.size > _MAX_FILE_BYTES:
                return None
            return self._engine_files.read_file(look.path, _MAX_FILE_BYTES)
        except FileNotFoundError:
            return None

    def read_below(
        self, folder: str, accepts: Callable[[str, int], bool]
    ) -> Iterable[tuple[str, bytes]]:
        """The regular files in and below a folder that are `wanted` by path and size in bytes."""
        try:
            look = self._engine_files.stat("/" + folder.strip("/"))
        except FileNotFoundError:
            return
        with closing(self._engine_files.iter_files(look.path)) as files:
            for file in files:
                # The engine puts the folder's own name in front, and nothing where that is the root.
                inside = file.path.partition("/")[2] if look.path.strip("/") else file.path
                path = posixpath.join(folder.strip("/"), inside).rstrip("/")
                if file.size <= _MAX_FILE_BYTES and accepts(path, file.size):
                    yield path, file.content.read()


class DockerImageInspector:
    """The port `ImageInspector`."""

    def __init__(self, handle: EngineHandle) -> None:
        """Asks nothing yet."""
        self._handle = handle

    @property
    def _engine(self) -> DockerEngine:
        return self._handle.engine

    def read_settings(self, reference: str) -> ContainerConfig:
        """How an image wants to be run; InputError if there is none of that name."""
        return parse_container_config(self._engine.get_image(reference).attrs.get("Config") or {})

    @contextmanager
    def open_files(self, reference: str) -> Iterator[ImageFiles]:
        """The files of an image, by way of a container that is never started."""
        image = self._engine.get_image(reference)
        try:
            with open_engine_files(self._engine.client, str(image.id), [_NO_FOLDERS]) as hole:
                yield ImageFiles(hole)
        except EngineFilesUnavailable as problem:
            raise OSError(
                f"the engine does not show the files of {reference}: {problem}"
            ) from problem


def parse_container_config(config: Mapping[str, Any]) -> ContainerConfig:
    """The settings of an image's config, as `docker inspect` shows it."""
    health = config.get("Healthcheck")
    pairs = (str(pair).partition("=") for pair in config.get("Env") or ())
    return ContainerConfig(
        env={name: value for name, _, value in pairs},
        user=str(config.get("User") or ""),
        workdir=str(config.get("WorkingDir") or ""),
        entrypoint=_to_strings(config.get("Entrypoint")),
        command=_to_strings(config.get("Cmd")),
        exposed_ports=tuple(sorted(config.get("ExposedPorts") or ())),
        volumes=tuple(sorted(config.get("Volumes") or ())),
        labels={str(k): str(v) for k, v in (config.get("Labels") or {}).items()},
        health_check=_parse_health_check(health) if health else None,
        stop_signal=str(config.get("StopSignal") or ""),
        shell=_to_strings(config.get("Shell")),
        onbuild=_to_strings(config.get("OnBuild")),
    )


def _parse_health_check(config: Mapping[str, Any]) -> HealthCheck | None:
    test = _to_strings(config.get("Test"))
    if not test or test[0] == "NONE":
        return None
    times = (int(config.get(name) or 0) for name in ("Interval", "Timeout", "StartPeriod"))
    interval, timeout, start_period = times
    return HealthCheck(test, interval, timeout, start_period, int(config.get("Retries") or 0))


def _to_strings(value: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in value or ())
