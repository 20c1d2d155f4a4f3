"""Config and files of images in the engine."""

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
    """The port `ImageContents`: files of one image as its container would have them.

    None of them is written to our disk.
    """

    def __init__(self, engine_files: EngineFiles) -> None:
        """Use `DockerImageInspector.open_files` instead."""
        self._engine_files = engine_files

    def read(self, path: str) -> bytes | None:
        """Return a regular file's content, links followed; None if missing or too large."""
        try:
            path_stat = self._engine_files.stat("/" + path.lstrip("/"))
            if not path_stat.is_file or path_stat.size > _MAX_FILE_BYTES:
                return None
            return self._engine_files.read_file(path_stat.path, _MAX_FILE_BYTES)
        except FileNotFoundError:
            return None

    def read_below(
        self, folder: str, accepts: Callable[[str, int], bool]
    ) -> Iterable[tuple[str, bytes]]:
        """Yield the regular files at or below a folder that `accepts` takes, by path and size."""
        try:
            path_stat = self._engine_files.stat("/" + folder.strip("/"))
        except FileNotFoundError:
            return
        with closing(self._engine_files.iter_files(path_stat.path)) as files:
            for file in files:
                # The engine's paths begin with the folder's own name, except for the root.
                relative_path = (
                    file.path.partition("/")[2] if path_stat.path.strip("/") else file.path
                )
                path = posixpath.join(folder.strip("/"), relative_path).rstrip("/")
                if file.size <= _MAX_FILE_BYTES and accepts(path, file.size):
                    yield path, file.content.read()


class DockerImageInspector:
    """The port `ImageInspector`."""

    def __init__(self, handle: EngineHandle) -> None:
        self._handle = handle

    @property
    def _engine(self) -> DockerEngine:
        return self._handle.engine

    def read_config(self, reference: str) -> ContainerConfig:
        """Return the run configuration of an image; raise InputError if there is none."""
        return parse_container_config(self._engine.get_image(reference).attrs.get("Config") or {})

    @contextmanager
    def open_files(self, reference: str) -> Iterator[ImageFiles]:
        """Yield the files of an image, through a container that is never started."""
        image = self._engine.get_image(reference)
        try:
            with open_engine_files(self._engine, str(image.id), [_NO_FOLDERS]) as engine_files:
                yield ImageFiles(engine_files)
        except EngineFilesUnavailable as problem:
            raise OSError(
                f"the engine could not give access to the files of {reference}: {problem}"
            ) from problem


def parse_container_config(config: Mapping[str, Any]) -> ContainerConfig:
    """Parse the settings of an image's config, as `docker inspect` prints it."""
    health = config.get("Healthcheck")
    # The API has them as `NAME=value`; a value may have an equals sign.
    pairs = (str(pair).partition("=") for pair in config.get("Env") or ())
    return ContainerConfig(
        env={name: value for name, _, value in pairs},
        user=_to_text(config.get("User")),
        workdir=_to_text(config.get("WorkingDir")),
        entrypoint=_to_strings(config.get("Entrypoint")),
        command=_to_strings(config.get("Cmd")),
        exposed_ports=tuple(sorted(config.get("ExposedPorts") or ())),
        volumes=tuple(sorted(config.get("Volumes") or ())),
        labels={str(k): str(v) for k, v in (config.get("Labels") or {}).items()},
        health_check=_parse_health_check(health) if health else None,
        stop_signal=_to_text(config.get("StopSignal")),
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


def _to_text(value: Any) -> str:
    return str(value or "")


def _to_strings(value: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in value or ())
