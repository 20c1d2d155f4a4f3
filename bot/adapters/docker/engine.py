"""A Docker Engine's image store, by way of its API."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO, cast

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.images import Image

from bot.adapters.environment import find_program, make_child_environment
from bot.adapters.process import run_program
from bot.errors import EngineUnavailableError, InputError
from bot.image.layers.streams import ChunkReader

PIN_REPOSITORY = "image-size-review/pin"

_EXPORT_CHUNK_BYTES = 2 << 20
_SNAPSHOTTER_PLUGIN = "io.containerd.snapshotter.v1"
_START_ENGINE_FIX = "start Docker, or point DOCKER_HOST at an engine (`docker info` must answer)"


class DockerEngine:
    """The image store of an engine, and what its builder needs to know of it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """EngineUnavailableError if none answers where the docker command would look for one."""
        host = find_engine_host(environment)
        try:
            self.client = docker.DockerClient(base_url=host, version="auto", timeout=600)
            about = self.client.version()
        except (DockerException, OSError) as problem:
            raise EngineUnavailableError(
                f"No Docker Engine answers at {host}.", str(problem), _START_ENGINE_FIX
            ) from problem
        self.version = str(about.get("Version", "of an unknown version"))
        self.platform = f"{about.get('Os', 'linux')}/{about.get('Arch', 'amd64')}"

    @cached_property
    def storage_driver(self) -> str:
        """Where it keeps images: `containerd`, or the name of its storage driver."""
        about = self._info
        of_containerd = any(_SNAPSHOTTER_PLUGIN in row for row in about.get("DriverStatus") or ())
        return "containerd" if of_containerd else str(about.get("Driver"))

    @property
    def data_root(self) -> str:
        """The folder on the engine's machine that holds all it keeps."""
        return str(self._info.get("DockerRootDir"))

    @cached_property
    def _info(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self.client.info())

    def find_image(self, reference: str) -> Image | None:
        """An image of the store by name, ID or digest; None if it has none."""
        try:
            return self.client.images.get(reference)
        except (ImageNotFound, NotFound):
            return None
        except APIError as problem:
            raise InputError(
                f"{reference!r} is no image reference.", problem.explanation or ""
            ) from problem

    def get_image(self, reference: str) -> Image:
        """An image of the store; InputError if it has none of that name."""
        image = self.find_image(reference)
        if image is None:
            fix = f"build it, or run: docker pull {reference}"
            raise InputError(f"The engine has no image {reference!r}.", fix=fix)
        return image

    @contextmanager
    def export(self, image: Image) -> Iterator[BinaryIO]:
        """The archive that `docker save` writes of an image, as a stream."""
        # By its ID: a name alone would bring every image of the repository, or move meanwhile.
        chunks = image.save(chunk_size=_EXPORT_CHUNK_BYTES)
        stream = io.BufferedReader(ChunkReader(chunks), _EXPORT_CHUNK_BYTES)
        try:
            yield cast(BinaryIO, stream)
        except APIError as problem:
            raise OSError(f"the engine stopped the export: {problem.explanation}") from problem
        finally:
            stream.close()

    def pin(self, image: Image, run_id: str) -> str:
        """A name of ours for an image, so that nothing moves it while we work: one for each run, since
        a run that ends takes its names away, and others may be at work on the same engine."""
        tag = f"{run_id}-{str(image.id).removeprefix('sha256:')[:24]}"
        image.tag(PIN_REPOSITORY, tag)
        return f"{PIN_REPOSITORY}:{tag}"

    def untag(self, reference: str) -> None:
        """Takes a name of ours off an image; what nothing else names is deleted."""
        if self.find_image(reference) is not None:
            self.client.images.remove(reference)


def find_engine_host(environment: Mapping[str, str]) -> str:
    """Where the docker command would look for an engine: DOCKER_HOST, its context, the usual socket."""
    if environment.get("DOCKER_HOST"):
        return environment["DOCKER_HOST"]
    program = find_program("docker", environment)
    if program:
        template = "{{.Endpoints.docker.Host}}"
        asked = run_program(
            [program, "context", "inspect", "--format", template],
            make_child_environment(environment),
        )
        if asked.status == 0 and asked.text:
            return asked.text
    return "unix:///var/run/docker.sock"
