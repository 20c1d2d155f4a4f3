"""From an index or a manifest to the layers of one image, the same way wherever they are kept.

Media types are never trusted: a document is told by what it holds, a layer by its first bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.image.archives.blob import Blob
from bot.image.archives.descriptor import Descriptor, descriptor, parse, reading
from bot.image.archives.image_config import Config, History, read_config
from bot.image.archives.platforms import accepted, best, normalised, own_platform
from bot.image.layers.streams import Unreadable

_MAX_DEPTH = 8
_MAX_LAYERS = 1000  # an engine runs 127


@dataclass(frozen=True, slots=True)
class Archive:
    """One image: the digest of its config, its platform, its history, and its layers, the lowest
    first. `way` says how they were read.
    """

    image_id: str
    platform: str
    history: tuple[History, ...]
    blobs: tuple[Blob, ...]
    way: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image before its layers are read."""

    config: Descriptor
    layers: tuple[Descriptor, ...]


class Source(Protocol):
    """Where documents and layers are kept. Whatever is not there is Unreadable."""

    way: str

    def manifest(self, wanted: Descriptor) -> bytes:
        """A manifest or an index."""
        ...

    def config(self, wanted: Descriptor) -> bytes:
        """An image's config."""
        ...

    def layers(self, wanted: Sequence[Descriptor]) -> Sequence[Blob]:
        """The layers of an image, each with its digest checked."""
        ...


def read_image(source: Source, top: Descriptor, platform: str | None) -> Archive:
    """The image under a descriptor: of several platforms the one asked for, or this machine's."""
    return read_layers(source, find_manifest(source, top, platform), platform)


def find_manifest(
    source: Source, top: Descriptor, platform: str | None, depth: int = _MAX_DEPTH
) -> Manifest:
    """The image manifest under an index, through indexes of indexes."""
    data = source.manifest(top)
    top.check(data)
    document = parse(data, top.name)
    with reading("a manifest"):
        if "manifests" not in document:
            return _manifest(document)
        entries = [descriptor(entry) for entry in document["manifests"]]
    if not depth:
        raise Unreadable("its indexes lead from one to the next without end")
    return find_manifest(source, choose(entries, platform), platform, depth - 1)


def choose(entries: Sequence[Descriptor], platform: str | None) -> Descriptor:
    """That of an index's images which is for the platform asked for, or for this machine.

    Where none was asked for, the only one there is will do.
    """
    images = {entry.digest: entry for entry in entries if not entry.is_attestation}.values()
    offered = sorted(dict.fromkeys(entry.platform or "an unnamed platform" for entry in images))
    silent = [entry for entry in images if not entry.platform]
    if len(images) == 1 and (platform is None or silent):
        return next(iter(images))
    found = best([entry.platform for entry in images], platform or own_platform())
    if found is None:
        wanted = platform or f"this machine's {own_platform()} (--platform chooses another)"
        raise Unreadable(f"there is no image for {wanted}; it has: {', '.join(offered) or 'none'}")
    return next(entry for entry in images if entry.platform == found)


def read_layers(source: Source, manifest: Manifest, platform: str | None) -> Archive:
    """An image with its layers, which must be the very ones that its config speaks of."""
    data = source.config(manifest.config)
    manifest.config.check(data)
    config = read_config(data)
    _check_platform(config, platform)
    if len(config.diff_ids) != len(manifest.layers):
        raise _other_layers(len(config.diff_ids), len(manifest.layers))
    pairs = zip(manifest.layers, config.diff_ids, strict=True)
    blobs = source.layers([replace(layer, diff_id=diff_id) for layer, diff_id in pairs])
    if [blob.layer.diff_id for blob in blobs] != list(config.diff_ids):
        raise Unreadable("the image's config names other layers than there are")
    stored = _as_stored(blobs, manifest.layers)
    return Archive(config.image_id, config.platform, config.history, stored, source.way)


def _as_stored(blobs: Sequence[Blob], layers: Sequence[Descriptor]) -> tuple[Blob, ...]:
    """The layers with the sizes that a registry has.

    Where one of them is compressed, this is the manifest that a registry gets: the plain ones go
    there plain. Where none is, an engine has unpacked them, and will compress them on their way.
    """
    if not any(blob.exact for blob in blobs):
        return tuple(blobs)
    return tuple(
        blob if layer.size is None else replace(blob, size=layer.size, error=0.0)
        for blob, layer in zip(blobs, layers, strict=True)
    )


def _manifest(document: Any) -> Manifest:
    if document.get("schemaVersion") == 1:
        raise Unreadable(
            "it is stored as a Docker image of schema 1, which current engines refuse; "
            "push it again with a current engine"
        )
    layers = document.get("layers") or ()
    if len(layers) > _MAX_LAYERS:
        raise Unreadable(f"it has {len(layers)} layers, more than any engine runs")
    return Manifest(descriptor(document["config"]), tuple(map(descriptor, layers)))


def _check_platform(config: Config, platform: str | None) -> None:
    """An image that stands alone must be of the platform asked for, too."""
    if platform and config.platform and normalised(config.platform) not in accepted(platform):
        raise Unreadable(f"there is no image for {platform}; it has: {config.platform}")


def _other_layers(stated: int, found: int) -> Unreadable:
    return Unreadable(
        f"the image's config names other layers than there are: {stated} where there are {found}"
    )
