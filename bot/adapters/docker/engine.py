"""A Docker Engine's image store, through its API."""

import io
import re
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, BinaryIO, cast

import docker
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.images import Image

from bot.adapters.docker.client_config import describe_config_problem, find_config_path
from bot.adapters.docker.engine_address import find_engine_address
from bot.adapters.docker.engine_errors import EngineFailure, describe_refusal, engine_errors
from bot.adapters.docker.engine_run import EngineRun, sweep_engine
from bot.adapters.docker.engine_shapes import check_image
from bot.adapters.docker.engine_socket import find_connection_fix
from bot.adapters.temporary_folders import OtherProcesses
from bot.errors import EngineUnavailableError, InputError
from bot.image.archives.reference import explain_invalid_reference, is_reference
from bot.image.layers.streams import ChunkReader

_EXPORT_CHUNK_BYTES = 2 << 20
CONTAINERD = "containerd"  # the store that is named in place of a storage driver
_SNAPSHOTTER_PLUGIN = "io.containerd.snapshotter.v1"
_REQUEST_TIMEOUT_S = 600  # an export is written and digested before its first byte is sent
_PING_TIMEOUT_S = 20
_IMAGE_ID = re.compile(r"[0-9a-f]{12,64}")  # whole, or as `docker images` cuts it


class _EngineApi(docker.APIClient):
    """The SDK's client, which keeps to the certificates of the engine.

    Otherwise REQUESTS_CA_BUNDLE, which is set for registries, would replace them.
    """

    def merge_environment_settings(  # type: ignore[no-untyped-def]
        self, url, proxies, stream, verify, cert
    ):
        # The SDK passes None, for which requests takes its variables instead of the session's
        # setting.
        if verify is None:
            verify = self.verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


class _EngineClient(docker.DockerClient):
    """The SDK's collections on that client."""

    def __init__(self, **options: Any) -> None:
        self.api = _EngineApi(**options)


class DockerEngine:
    """The image store of an engine, and what the builder needs to know of it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Connect; raise EngineUnavailableError if no engine answers."""
        address = find_engine_address(environment)
        self._host, self._info_time_s = address.host, 0.0
        tls = address.make_tls_config()
        try:
            with engine_errors("give its version"):
                self.client = _EngineClient(
                    base_url=address.host, version="auto", timeout=_REQUEST_TIMEOUT_S, tls=tls
                )
                version = self.client.version()
                # Podman's socket speaks the API of Docker, and differs in what it holds
                # (container_limits).
                is_podman = "Podman Engine" in str(version.get("Components"))
                self.product = "Podman" if is_podman else "Docker Engine"
                self.version = str(version.get("Version", "of an unknown version"))
                self.platform = f"{version.get('Os', 'linux')}/{version.get('Arch', 'amd64')}"
        except (EngineUnavailableError, OSError) as problem:
            raise _explain_connection(problem, address.host, environment) from problem

    @cached_property
    def _id(self) -> str:
        """Return a word that distinguishes this engine from others."""
        try:
            words = str(self.info.get("ID") or "").split()
        except (EngineFailure, EngineUnavailableError):
            words = []
        return words[0] if words else self._host

    @cached_property
    def run(self) -> EngineRun:
        """Return this run, as others see it in the engine."""
        return EngineRun(self.client, self._id, self._read_clock)

    def sweep(self, others: OtherProcesses) -> None:
        """Remove what dead runs left in the engine."""
        sweep_engine(self.client, self._id, others, self._read_clock())

    def close(self) -> None:
        """End this run for others, if it was visible to them, and the connection."""
        if "run" in self.__dict__:
            self.run.close()
        self.client.close()

    @property
    def is_alive(self) -> bool:
        """Return True if the engine still answers."""
        api = self.client.api
        try:
            with engine_errors("answer"):
                url = f"{api.base_url}/_ping"
                return bool(api.get(url, timeout=_PING_TIMEOUT_S).status_code == HTTPStatus.OK)
        except (EngineUnavailableError, EngineFailure):
            return False

    @cached_property
    def storage_driver(self) -> str:
        """Return `containerd`, or the name of the storage driver."""
        info = self.info
        with engine_errors("describe its store"):
            rows = info.get("DriverStatus") or ()
            # With the containerd store, `Driver` is the snapshotter's name, which may be
            # `overlayfs`.
            is_containerd = any(_SNAPSHOTTER_PLUGIN in row for row in rows)
            return CONTAINERD if is_containerd else str(info.get("Driver"))

    @property
    def data_root(self) -> str:
        """Return the engine's data folder, a path on its own machine."""
        return str(self.info.get("DockerRootDir"))

    @cached_property
    def info(self) -> Mapping[str, Any]:
        """Return what the engine says of itself."""
        with engine_errors("describe itself"):
            info = self.client.info()
            if not isinstance(info, Mapping):
                raise EngineFailure(
                    "the engine could not describe itself: its answer is not an object"
                )
            self._info_time_s = time.monotonic()
            return info

    @cached_property
    def _clock_lead_s(self) -> float:
        """Return how far the engine's clock is ahead of the monotonic one of this machine.

        Without a time of the engine's, it is that of this machine's clock.
        """
        now_s = time.monotonic()
        try:
            text = str(self.info.get("SystemTime"))
            return datetime.fromisoformat(text).timestamp() - self._info_time_s
        except (ValueError, EngineFailure, EngineUnavailableError):
            return time.time() - now_s

    def _read_clock(self) -> float:
        """Return the engine's time in seconds since 1970."""
        return self._clock_lead_s + time.monotonic()

    def find_image(self, reference: str) -> Image | None:
        """Return an image of the store by name, ID or digest; None if there is none.

        InputError for anything else: `../containers` would be another path of the engine's API.
        """
        if not is_reference(reference):
            raise _make_reference_error(reference)
        with engine_errors(f"describe {reference!r}"):
            return self._request_image(reference)

    def _request_image(self, reference: str) -> Image | None:
        """Return an image; None if there is none."""
        try:
            attributes = self.client.api.inspect_image(reference)  # type: ignore[no-untyped-call]
        except (ImageNotFound, NotFound):
            return None
        except APIError as problem:
            if problem.is_client_error():
                raise _make_reference_error(reference, describe_refusal(problem)) from problem
            raise
        check_image(attributes)
        return self.client.images.prepare_model(attributes)

    def get_image(self, reference: str) -> Image:
        """Return an image of the store; raise InputError if there is none."""
        image = self.find_image(reference)
        if image is None:
            fix = f"build it, or run: docker pull {reference}{suggest_registry(reference)}"
            raise InputError(f"The engine has no image {reference!r}.", fix=fix)
        return image

    @contextmanager
    def export(self, image: Image) -> Iterator[BinaryIO]:
        """Yield the archive of `docker save` as a stream."""
        # By ID: a name without tag exports the whole repository, and a tag may move meanwhile.
        # The engine writes and digests the whole archive before it sends the first byte.
        chunks = _iter_export(image)
        stream = io.BufferedReader(ChunkReader(chunks), _EXPORT_CHUNK_BYTES)
        try:
            yield cast(BinaryIO, stream)
        finally:
            stream.close()
            chunks.close()

    def tag(self, image: Image, name: str) -> None:
        """Give an image a further name."""
        with engine_errors(f"tag {name}"):
            # A name of ours, which always has a tag.
            repository, _, tag = name.rpartition(":")
            image.tag(repository, tag)

    def untag(self, reference: str) -> None:
        """Remove a tag of ours; the engine deletes the image once nothing refers to it."""
        if self.find_image(reference) is not None:
            with engine_errors(f"remove {reference}"):
                self.client.images.remove(reference)


def _make_reference_error(reference: str, why: str = "") -> InputError:
    """Return the error for what is no reference, by our grammar or the engine's."""
    fix = "write NAME, NAME:TAG, NAME@DIGEST or an image's ID"
    why = why or explain_invalid_reference(reference)
    return InputError("This is not a valid image reference.", why, fix)


def _iter_export(image: Image) -> Generator[bytes, None, None]:
    """Yield the pieces of an archive; what goes wrong on the way is an error of ours, too."""
    with engine_errors(f"export {image.id}"):
        chunks = iter(image.save(chunk_size=_EXPORT_CHUNK_BYTES))
    while True:
        with engine_errors(f"export {image.id}"):
            chunk = next(chunks, b"")
        if not chunk:
            return
        yield chunk


def _explain_connection(
    problem: EngineUnavailableError | OSError, host: str, environment: Mapping[str, str]
) -> EngineUnavailableError:
    """Return the reason of a failed connection: the engine, or a file that the SDK trips over."""
    path = find_config_path(environment)
    mistake = describe_config_problem(path) if isinstance(problem, EngineFailure) else ""
    if mistake:
        fix = "fix the file, move it away, or set DOCKER_CONFIG to another folder"
        return EngineUnavailableError(
            f"The Docker configuration {str(path)!r} cannot be used.", mistake, fix
        )
    why = problem.why if isinstance(problem, EngineUnavailableError) else str(problem)
    return EngineUnavailableError(
        f"No Docker Engine answers at {host}.", why, find_connection_fix(host, why)
    )


def suggest_registry(reference: str) -> str:
    """Return how to read an image without a pull; empty for an ID, which no registry knows."""
    is_id = reference.startswith("sha256:") or _IMAGE_ID.fullmatch(reference)
    return "" if is_id else f"; to read it in its registry, without a pull: docker://{reference}"
