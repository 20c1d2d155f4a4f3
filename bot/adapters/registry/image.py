"""One image of a registry, scanned while it downloads.

Nothing is pulled into an engine or written to disk.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import BinaryIO, cast

from requests import Response

from bot.adapters.registry.client import NotInRegistry, RegistryClient
from bot.adapters.registry.resumable_body import ResumableBody
from bot.errors import InputError
from bot.image.archives.blob import Blob, StoredBlob, scan_blob
from bot.image.archives.descriptor import Descriptor, compute_digest
from bot.image.archives.image_config import ImageConfig
from bot.image.archives.image_platforms import list_platforms
from bot.image.archives.layer_cache import LayerCache, lookup_layer
from bot.image.archives.manifest_resolver import (
    ScannedImage,
    read_config,
    read_image,
    resolve_manifest,
)
from bot.image.archives.reference import ImageReference, parse_reference
from bot.image.layers.streams import CHUNK_BYTES, Unreadable

_PARALLEL_LAYERS = 2  # layers: one downloads while the other is unpacked


def read_registry_image(
    name: str, platform: str | None, layer_cache: LayerCache, environment: Mapping[str, str]
) -> ScannedImage:
    """Read the image of a name; raise InputError or RegistryError."""
    reference = _parse_name(name)
    with RegistryClient(reference, environment) as client:
        source = RegistryImage(client, reference, layer_cache)
        return read_image(source, _describe(reference), platform)


def read_registry_config(
    name: str, platform: str | None, environment: Mapping[str, str]
) -> ImageConfig:
    """Read the config alone: one or two manifests and a small blob.

    Raises InputError, RegistryError, Unreadable or OSError.
    """
    reference = _parse_name(name)
    with RegistryClient(reference, environment) as client:
        source = RegistryImage(client, reference, LayerCache())
        return read_config(
            source, resolve_manifest(source, _describe(reference), platform), platform
        )


def resolve_registry_digest(name: str, environment: Mapping[str, str]) -> str:
    """Return the digest that a name has now, of an index where it is one.

    Raises InputError, RegistryError, Unreadable or OSError.
    """
    reference = _parse_name(name)
    with RegistryClient(reference, environment) as client:
        source = RegistryImage(client, reference, LayerCache())
        return compute_digest(source.read_manifest(_describe(reference)))


def list_registry_platforms(name: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the platforms of a name; raise InputError, RegistryError or Unreadable."""
    reference = _parse_name(name)
    with RegistryClient(reference, environment) as client:
        return list_platforms(RegistryImage(client, reference, LayerCache()), _describe(reference))


def _parse_name(name: str) -> ImageReference:
    try:
        return parse_reference(name)
    except ValueError as problem:
        fix = "write for example docker://debian:12 or docker://ghcr.io/owner/app@sha256:…"
        raise InputError(
            f"docker://{name} is not a valid image reference.", str(problem), fix
        ) from problem


def _describe(reference: ImageReference) -> Descriptor:
    return Descriptor(reference.tag_or_digest, reference.digest)


class RegistryImage:
    """Documents and layers by digest, from one repository of a registry."""

    read_method = "registry"

    def __init__(
        self, client: RegistryClient, reference: ImageReference, layer_cache: LayerCache
    ) -> None:
        self._client, self._reference, self._layer_cache = client, reference, layer_cache
        self._stopped = Event()

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        """Return a manifest or an index, by tag or digest."""
        version = descriptor.digest or descriptor.name
        try:
            data, stated = self._client.fetch_document(f"manifests/{version}")
        except NotInRegistry:
            if version == self._reference.tag_or_digest:
                raise
            raise descriptor.make_missing_error() from None
        # A manifest by tag has no other digest to be held to.
        if stated.startswith("sha256:") and compute_digest(data) != stated:
            raise Unreadable(f"the manifest {version} does not match its digest")
        return data

    def read_config(self, descriptor: Descriptor) -> bytes:
        """Return an image's config."""
        try:
            return self._client.fetch_document(f"blobs/{descriptor.digest}")[0]
        except NotInRegistry:
            raise descriptor.make_missing_error() from None

    def read_layers(self, descriptors: Sequence[Descriptor]) -> Sequence[Blob]:
        """Return the layers; missing ones are downloaded and scanned two at a time."""
        with ThreadPoolExecutor(_PARALLEL_LAYERS) as pool:
            futures = {
                layer.digest: pool.submit(self._scan_layer, layer)
                for layer in {layer.digest: layer for layer in descriptors}.values()
            }
            try:
                _wait_or_raise(futures.values())
            finally:
                self._stopped.set()
                pool.shutdown(cancel_futures=True)
        return [futures[layer.digest].result() for layer in descriptors]

    def _scan_layer(self, descriptor: Descriptor) -> Blob:
        size = descriptor.size or 0
        unread = StoredBlob(io.BytesIO(), size, descriptor.digest, is_registry_blob=True)
        if cached := lookup_layer(unread, descriptor, self._layer_cache):
            return cached
        body = ResumableBody(
            lambda offset: self._open_blob(descriptor, offset), size, self._stopped
        )
        with body:
            stream = cast(BinaryIO, io.BufferedReader(body, CHUNK_BYTES))
            blob = scan_blob(StoredBlob(stream, size, descriptor.digest, is_registry_blob=True))
        self._layer_cache.put(blob)
        return blob

    def _open_blob(self, descriptor: Descriptor, offset: int) -> Response:
        try:
            return self._client.open_response(f"blobs/{descriptor.digest}", offset)
        except NotInRegistry:
            raise descriptor.make_missing_error() from None


def _wait_or_raise(futures: Iterable[Future[Blob]]) -> None:
    """Wait for all futures, or raise the first failure."""
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
