"""A Docker Engine's image store, through its API."""

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
from bot.image.archives.reference import explain_invalid_reference, is_reference
from bot.image.layers.streams import ChunkReader

PIN_REPOSITORY = "image-size-review/pin"

_EXPORT_CHUNK_BYTES = 2 << 20
_SNAPSHOTTER_PLUGIN = "io.containerd.snapshotter.v1"
_START_ENGINE_FIX = "start Docker, or point DOCKER_HOST at an engine (`docker info` must answer)"


class DockerEngine:
    """The image store of an engine, and what the builder needs to know of it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Connect; raise EngineUnavailableError if no engine answers."""
        host = find_engine_host(environment)
        try:
            self.client = docker.DockerClient(base_url=host, version="auto", timeout=600)
            version = self.client.version()
        except (DockerException, OSError) as problem:
            raise EngineUnavailableError(
                f"No Docker Engine answers at {host}.", str(problem), _START_ENGINE_FIX
            ) from problem
        self.version = str(version.get("Version", "of an unknown version"))
        self.platform = f"{version.get('Os', 'linux')}/{version.get('Arch', 'amd64')}"

    @cached_property
    def storage_driver(self) -> str:
        """Return `containerd`, or the name of the storage driver."""
        info = self._info
        is_containerd = any(_SNAPSHOTTER_PLUGIN in row for row in info.get("DriverStatus") or ())
        return "containerd" if is_containerd else str(info.get("Driver"))

    @property
    def data_root(self) -> str:
        """Return the engine's data folder, a path on its own machine."""
        return str(self._info.get("DockerRootDir"))

    @cached_property
    def _info(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self.client.info())

    def find_image(self, reference: str) -> Image | None:
        """Return an image of the store by name, ID or digest; None if there is none.

        InputError for anything else: `../containers` would be another path of the engine's API.
        """
        if not is_reference(reference):
            raise _make_reference_error(reference)
        try:
            return self.client.images.get(reference)
        except (ImageNotFound, NotFound):
            return None
        except APIError as problem:
            raise _make_reference_error(reference, problem.explanation or "") from problem

    def get_image(self, reference: str) -> Image:
        """Return an image of the store; raise InputError if there is none."""
        image = self.find_image(reference)
        if image is None:
            fix = f"build it, or run: docker pull {reference}"
            raise InputError(f"The engine has no image {reference!r}.", fix=fix)
        return image

    @contextmanager
    def export(self, image: Image) -> Iterator[BinaryIO]:
        """Yield the archive of `docker save` as a stream."""
        # By ID: a name without tag exports the whole repository, and a tag may move meanwhile.
        # The engine writes and digests the whole archive before it sends the first byte.
        chunks = image.save(chunk_size=_EXPORT_CHUNK_BYTES)
        stream = io.BufferedReader(ChunkReader(chunks), _EXPORT_CHUNK_BYTES)
        try:
            yield cast(BinaryIO, stream)
        except APIError as problem:
            raise OSError(f"the engine stopped the export: {problem.explanation}") from problem
        finally:
            stream.close()

    def pin(self, image: Image, run_id: str) -> str:
        """Tag an image with a name of this run, so that nothing moves or deletes it meanwhile.

        One name per run: a run removes its own at the end, while others may use the same
        engine.
        """
        tag = f"{run_id}-{str(image.id).removeprefix('sha256:')[:24]}"
        image.tag(PIN_REPOSITORY, tag)
        return f"{PIN_REPOSITORY}:{tag}"

    def untag(self, reference: str) -> None:
        """Remove a tag of ours; the engine deletes the image once nothing refers to it."""
        if self.find_image(reference) is not None:
            self.client.images.remove(reference)


def _make_reference_error(reference: str, why: str = "") -> InputError:
    """Return the error for what is no reference, by our grammar or the engine's."""
    fix = "write NAME, NAME:TAG, NAME@DIGEST or an image's ID"
    why = why or explain_invalid_reference(reference)
    return InputError("This is not a valid image reference.", why, fix)


def find_engine_host(environment: Mapping[str, str]) -> str:
    """Return the engine's address: DOCKER_HOST, the context, or the default socket.

    In the order in which the docker command looks for it.
    """
    if environment.get("DOCKER_HOST"):
        return environment["DOCKER_HOST"]
    program = find_program("docker", environment)
    if program:
        template = "{{.Endpoints.docker.Host}}"
        result = run_program(
            [program, "context", "inspect", "--format", template],
            make_child_environment(environment),
        )
        if result.status == 0 and result.text:
            return result.text
    return "unix:///var/run/docker.sock"
