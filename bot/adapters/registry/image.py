"""One image of a registry, read as it streams by: nothing is pulled into an engine or onto a disk."""

import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import BinaryIO, cast

from requests import Response

from bot.adapters.registry.client import Client, Missing
from bot.adapters.registry.resumable_body import Body
from bot.errors import BadInput
from bot.image.archives.blob import Blob, Stored, scan_blob
from bot.image.archives.descriptor import Descriptor, digest_of
from bot.image.archives.layer_cache import Shelf
from bot.image.archives.manifest_resolver import Archive, read_image
from bot.image.archives.reference import Reference, parse_reference
from bot.image.layers.streams import CHUNK, Unreadable

_AT_ONCE = 2  # layers: one downloads while the other is unpacked


def read_registry_image(
    name: str, platform: str | None, shelf: Shelf, environment: Mapping[str, str]
) -> Archive:
    """The image of a name; BadInput or RegistryFailed if the registry does not hand it out."""
    try:
        reference = parse_reference(name)
    except ValueError as problem:
        fix = "write for example docker://debian:12 or docker://ghcr.io/owner/app@sha256:…"
        raise BadInput(f"docker://{name} is no reference.", str(problem), fix) from problem
    with Client(reference, environment) as client:
        source = RegistryImage(client, reference, shelf)
        return read_image(source, Descriptor(reference.version, reference.digest), platform)


class RegistryImage:
    """Documents and layers by digest, from one repository of a registry."""

    way = "registry"

    def __init__(self, client: Client, reference: Reference, shelf: Shelf) -> None:
        """Asks for nothing yet."""
        self._client, self._reference, self._shelf = client, reference, shelf
        self._stopped = Event()

    def manifest(self, wanted: Descriptor) -> bytes:
        """A manifest or an index, by tag or digest."""
        version = wanted.digest or wanted.name
        try:
            data, stated = self._client.document(f"manifests/{version}")
        except Missing:
            if version == self._reference.version:
                raise
            raise wanted.missing() from None
        if stated.startswith("sha256:") and digest_of(data) != stated:
            raise Unreadable(f"the manifest {version} came with other bytes than its digest says")
        return data

    def config(self, wanted: Descriptor) -> bytes:
        """An image's config."""
        try:
            return self._client.document(f"blobs/{wanted.digest}")[0]
        except Missing:
            raise wanted.missing() from None

    def layers(self, wanted: Sequence[Descriptor]) -> Sequence[Blob]:
        """The layers, downloaded and scanned two at a time where the shelf has them not."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            futures = {
                layer.digest: pool.submit(self._layer, layer)
                for layer in {layer.digest: layer for layer in wanted}.values()
            }
            try:
                _raise_first(futures.values())
            finally:
                self._stopped.set()
                pool.shutdown(cancel_futures=True)
        return [futures[layer.digest].result() for layer in wanted]

    def _layer(self, wanted: Descriptor) -> Blob:
        known = self._shelf.find_blob(wanted.digest)
        size = wanted.size or 0
        if known is not None:
            return Blob(wanted.digest, size, 0, known)
        body = Body(lambda offset: self._open(wanted, offset), size, self._stopped)
        with body:
            stream = cast(BinaryIO, io.BufferedReader(body, CHUNK))
            blob = scan_blob(Stored(stream, size, wanted.digest, final=True))
        self._shelf.put(blob)
        return blob

    def _open(self, wanted: Descriptor, offset: int) -> Response:
        try:
            return self._client.open(f"blobs/{wanted.digest}", offset)
        except Missing:
            raise wanted.missing() from None


def _raise_first(futures: Iterable[Future[Blob]]) -> None:
    """Waits for all of them, or for the first to fail."""
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
