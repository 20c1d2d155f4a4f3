"""The selection of one image in an archive, by the entries of index.json and manifest.json."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from bot.image.archives.descriptor import Descriptor, parse_descriptor
from bot.image.archives.json_document import (
    get_field,
    get_texts,
    parse_json,
    raising_unreadable,
)
from bot.image.archives.manifest_resolver import (
    BlobSource,
    Manifest,
    ScannedImage,
    choose_image,
    read_image,
    scan_image,
)
from bot.image.archives.reference import is_same_reference
from bot.image.layers.streams import Unreadable

_INDEX_JSON, _MANIFEST_JSON = Descriptor("index.json"), Descriptor("manifest.json")
# OCI's annotation often has the tag alone; containerd and BuildKit add the full name.
_TAG_ANNOTATION = "org.opencontainers.image.ref.name"
_FULL_NAME_ANNOTATION = "io.containerd.image.name"


class ImageArchive(BlobSource, Protocol):
    """A blob source with named documents."""

    def has_document(self, name: str) -> bool:
        """Return True if there is a document of this name."""
        ...


class _ImageEntry(NamedTuple):
    """An image, or one platform of it, with its names."""

    names: tuple[str, ...]
    target: Descriptor | Manifest


def read_selected_image(archive: ImageArchive, selector: str, platform: str | None) -> ScannedImage:
    """Return the only image of an archive, the one of a name, or that at `@` and a position from 0.

    index.json knows platforms. Positions count in manifest.json, which is all that archives of old
    engines have.
    """
    targets = select_entries(archive, selector)
    manifests = [target for target in targets if isinstance(target, Manifest)]
    if manifests:
        return scan_image(archive, manifests[0], platform)
    descriptors = [target for target in targets if isinstance(target, Descriptor)]
    return read_image(archive, choose_image(descriptors, platform), platform)


def select_entries(archive: ImageArchive, selector: str) -> list[Descriptor | Manifest]:
    """Return the entries of one image, one for each platform; Unreadable if there are others."""
    indexed = _read_index_json(archive) if archive.has_document(_INDEX_JSON.name) else []
    # Without either, reading manifest.json raises the error that it is missing.
    has_list = archive.has_document(_MANIFEST_JSON.name) or not indexed
    listed = _read_manifest_json(archive) if has_list else []
    if selector.startswith("@"):
        matches = _select_by_position(selector, listed or indexed)
    else:
        matches = _select_by_name(indexed, selector) or _select_by_name(listed, selector)
    if not matches or _is_ambiguous(matches):
        raise _make_selection_error(listed or indexed, selector)
    return [entry.target for entry in matches]


def _read_index_json(archive: ImageArchive) -> list[_ImageEntry]:
    document = parse_json(archive.read_manifest(_INDEX_JSON), _INDEX_JSON.name)
    with raising_unreadable(_INDEX_JSON.name):
        entries = [parse_descriptor(entry) for entry in document["manifests"]]
    return [_ImageEntry(_get_names(entry), entry) for entry in entries if not entry.is_attestation]


def _get_names(descriptor: Descriptor) -> tuple[str, ...]:
    annotations = (
        descriptor.annotations.get(key) for key in (_FULL_NAME_ANNOTATION, _TAG_ANNOTATION)
    )
    return tuple(name for name in annotations if name)


def _read_manifest_json(archive: ImageArchive) -> list[_ImageEntry]:
    images = parse_json(archive.read_manifest(_MANIFEST_JSON), _MANIFEST_JSON.name)
    with raising_unreadable(_MANIFEST_JSON.name):
        return [
            _ImageEntry(get_texts(image, "RepoTags"), _parse_manifest(image)) for image in images
        ]


def _parse_manifest(image: Any) -> Manifest:
    layers = tuple(Descriptor.from_file_name(name) for name in get_texts(image, "Layers"))
    return Manifest(Descriptor.from_file_name(get_field(image, "Config", "")), layers)


def _select_by_position(selector: str, entries: Sequence[_ImageEntry]) -> list[_ImageEntry]:
    position = selector.removeprefix("@")
    return list(entries[int(position) :][:1]) if position.isdecimal() else []


def _select_by_name(entries: Sequence[_ImageEntry], selector: str) -> list[_ImageEntry]:
    return [
        entry
        for entry in entries
        if not selector or any(is_same_reference(name, selector) for name in entry.names)
    ]


def _is_ambiguous(entries: Sequence[_ImageEntry]) -> bool:
    """Return True if the entries are more than the names or the platforms of one image."""
    descriptors = {e.target.digest: e.target for e in entries if isinstance(e.target, Descriptor)}
    if not descriptors:
        return len(entries) > 1
    # An image for several platforms is one entry per platform, all under the same names.
    names = {entry.names for entry in entries}
    platforms = {descriptor.platform for descriptor in descriptors.values()}
    return len(descriptors) > 1 and (len(names) > 1 or len(platforms) < len(descriptors))


def _make_selection_error(entries: Sequence[_ImageEntry], selector: str) -> Unreadable:
    names = sorted({name for entry in entries for name in entry.names})
    offered = f": {', '.join(names)}" if names else " without names"
    if selector:
        return Unreadable(f"there is no image {selector!r} among the {len(entries)} there{offered}")
    return Unreadable(
        f"it holds {len(entries)} images{offered}; "
        "say which one after the file's name, as in FILE:NAME or FILE:@0"
    )
