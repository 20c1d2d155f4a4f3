"""The way from an index or a manifest to the layers of one image, for every kind of source.

Media types are never trusted: a document is recognised by its fields, a layer by its first bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.image.archives.blob import Blob
from bot.image.archives.descriptor import Descriptor, parse_descriptor
from bot.image.archives.image_config import HistoryEntry, ImageConfig, parse_config, read_revision
from bot.image.archives.json_document import get_field, parse_json, raising_unreadable
from bot.image.archives.platforms import (
    choose_best_platform,
    detect_host_platform,
    list_compatible_platforms,
    normalise_platform,
)
from bot.image.layers.streams import Unreadable

MAX_INDEX_DEPTH = 8  # real indexes are nested once, in archives of multi-platform images
_MAX_LAYERS = 1000  # an engine runs 127


@dataclass(frozen=True, slots=True)
class ScannedImage:
    """One image with its layers, the lowest first.

    `image_id` is the digest of its config; `read_method` names how the layers were read. `revision`
    is the commit that it says it was built from.
    """

    image_id: str
    platform: str
    history: tuple[HistoryEntry, ...]
    blobs: tuple[Blob, ...]
    read_method: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The config and the layers of one image, before they are read."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    revision: str = ""


class BlobSource(Protocol):
    """A source of documents and layers; raises Unreadable for what it lacks."""

    read_method: str

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        """Return the bytes of a manifest or an index."""
        ...

    def read_config(self, descriptor: Descriptor) -> bytes:
        """Return the bytes of an image's config."""
        ...

    def read_layers(self, descriptors: Sequence[Descriptor]) -> Sequence[Blob]:
        """Return the layers of an image, each with its digest checked."""
        ...


def read_image(
    source: BlobSource, root_descriptor: Descriptor, platform: str | None
) -> ScannedImage:
    """Return the image of a descriptor, for the requested platform or this machine's."""
    return scan_image(source, resolve_manifest(source, root_descriptor, platform), platform)


def resolve_manifest(
    source: BlobSource,
    root_descriptor: Descriptor,
    platform: str | None,
    depth: int = MAX_INDEX_DEPTH,
) -> Manifest:
    """Return the image manifest under an index, through nested indexes."""
    data = source.read_manifest(root_descriptor)
    root_descriptor.check_content(data)
    document = parse_json(data, root_descriptor.name)
    with raising_unreadable("a manifest"):
        if "manifests" not in document:
            return parse_manifest(document)
        entries = [parse_descriptor(entry) for entry in document["manifests"]]
    if not depth:
        raise Unreadable("its indexes are nested too deeply")
    return resolve_manifest(source, choose_image(entries, platform), platform, depth - 1)


def choose_image(descriptors: Sequence[Descriptor], platform: str | None) -> Descriptor:
    """Return the descriptor of an index that is for the requested platform, or for this machine.

    Without a request, the only image of an index is taken, whatever its platform.
    """
    # Archives with several tags list an image once per tag.
    images = {entry.digest: entry for entry in descriptors if not entry.is_attestation}.values()
    offered = sorted(dict.fromkeys(entry.platform or "an unnamed platform" for entry in images))
    without_platform = [entry for entry in images if not entry.platform]
    # The platform of an image without one here is in its config, which `_check_platform` checks.
    if len(images) == 1 and (platform is None or without_platform):
        return next(iter(images))
    best = choose_best_platform(
        [entry.platform for entry in images], platform or detect_host_platform()
    )
    if best is None:
        requested = (
            platform or f"this machine's {detect_host_platform()} (--platform chooses another)"
        )
        raise Unreadable(
            f"there is no image for {requested}; it has: {', '.join(offered) or 'none'}"
        )
    return next(entry for entry in images if entry.platform == best)


def scan_image(source: BlobSource, manifest: Manifest, platform: str | None) -> ScannedImage:
    """Read an image's layers and check that they are the ones of its config."""
    config = read_config(source, manifest, platform)
    # Zipping unequal lists would compare layers with the wrong diff IDs.
    if len(config.diff_ids) != len(manifest.layers):
        raise _make_layer_count_error(len(config.diff_ids), len(manifest.layers))
    pairs = zip(manifest.layers, config.diff_ids, strict=True)
    blobs = source.read_layers([replace(layer, diff_id=diff_id) for layer, diff_id in pairs])
    if [blob.layer.diff_id for blob in blobs] != list(config.diff_ids):
        raise Unreadable("the image's config names other layers than the image has")
    stored = _apply_manifest_sizes(blobs, manifest.layers)
    return ScannedImage(
        config.image_id,
        config.platform,
        config.history,
        stored,
        source.read_method,
        config.revision or manifest.revision,
    )


def read_config(source: BlobSource, manifest: Manifest, platform: str | None) -> ImageConfig:
    """Read the config of an image; raise Unreadable if it is for another platform."""
    data = source.read_config(manifest.config)
    manifest.config.check_content(data)
    config = parse_config(data)
    _check_platform(config, platform)
    return config


def _apply_manifest_sizes(
    blobs: Sequence[Blob], descriptors: Sequence[Descriptor]
) -> tuple[Blob, ...]:
    """Return the layers with the sizes that a registry stores.

    If one of them is compressed, this is the manifest that a push uploads, so plain layers stay
    plain. If none is, an engine has unpacked them and will compress them when it pushes.
    """
    if not any(blob.is_exact for blob in blobs):
        return tuple(blobs)
    return tuple(
        blob if layer.size is None else replace(blob, size=layer.size, size_error=0.0)
        for blob, layer in zip(blobs, descriptors, strict=True)
    )


def parse_manifest(document: Any) -> Manifest:
    """Read a manifest; raise Unreadable for one of schema 1."""
    if document.get("schemaVersion") == 1:
        raise Unreadable(
            "it is stored as a Docker image of schema 1, which current engines refuse; "
            "push it again with a current engine"
        )
    layers = get_field(document, "layers", [])
    if len(layers) > _MAX_LAYERS:
        raise Unreadable(f"it has {len(layers)} layers, more than any engine runs")
    return Manifest(
        parse_descriptor(document["config"]),
        tuple(map(parse_descriptor, layers)),
        read_revision(get_field(document, "annotations", {})),
    )


def _check_platform(config: ImageConfig, platform: str | None) -> None:
    """Raise Unreadable if a single image is not for the requested platform."""
    if (
        platform
        and config.platform
        and normalise_platform(config.platform) not in list_compatible_platforms(platform)
    ):
        raise Unreadable(f"there is no image for {platform}; it has: {config.platform}")


def _make_layer_count_error(config_count: int, manifest_count: int) -> Unreadable:
    return Unreadable(
        "the image's config names other layers than the image has: "
        f"{config_count} where there are {manifest_count}"
    )
