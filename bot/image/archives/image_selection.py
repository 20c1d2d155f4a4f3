"""Which image of a folder is meant: the entries of index.json and manifest.json, and their names."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from bot.image.archives.descriptor import (
    Descriptor,
    parse_descriptor,
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
_TAG_ANNOTATION, _FULL_NAME_ANNOTATION = (
    "org.opencontainers.image.ref.name",
    "io.containerd.image.name",
)


class ImageArchive(BlobSource, Protocol):
    """A source whose documents have names."""

    def has_document(self, name: str) -> bool:
        """Whether there is a document of the name."""
        ...


class _ImageEntry(NamedTuple):
    """An image, or one platform of it, with the names it bears."""

    names: tuple[str, ...]
    target: Descriptor | Manifest


def read_selected_image(archive: ImageArchive, selector: str, platform: str | None) -> ScannedImage:
    """The only image of a folder, or that of a name, or that of a position, `@0` being the first.

    index.json knows platforms. manifest.json is what positions count in, and all there is in the
    archives of old engines.
    """
    indexed = _read_index_json(archive) if archive.has_document(_INDEX_JSON.name) else []
    listed = (
        _read_manifest_json(archive)
        if archive.has_document(_MANIFEST_JSON.name) or not indexed
        else []
    )
    if selector.startswith("@"):
        meant = _select_by_position(selector, listed or indexed)
    else:
        meant = _select_by_name(indexed, selector) or _select_by_name(listed, selector)
    if not meant or _is_ambiguous(meant):
        raise _make_selection_error(listed or indexed, selector)
    manifests = [entry.target for entry in meant if isinstance(entry.target, Manifest)]
    if manifests:
        return scan_image(archive, manifests[0], platform)
    tops = [entry.target for entry in meant if isinstance(entry.target, Descriptor)]
    return read_image(archive, choose_image(tops, platform), platform)


def _read_index_json(archive: ImageArchive) -> list[_ImageEntry]:
    document = parse_json(archive.read_manifest(_INDEX_JSON), _INDEX_JSON.name)
    with raising_unreadable(_INDEX_JSON.name):
        entries = [parse_descriptor(entry) for entry in document["manifests"]]
    return [_ImageEntry(_get_names(entry), entry) for entry in entries if not entry.is_attestation]


def _get_names(descriptor: Descriptor) -> tuple[str, ...]:
    found = (descriptor.annotations.get(key) for key in (_FULL_NAME_ANNOTATION, _TAG_ANNOTATION))
    return tuple(str(name) for name in found if name)


def _read_manifest_json(archive: ImageArchive) -> list[_ImageEntry]:
    images = parse_json(archive.read_manifest(_MANIFEST_JSON), _MANIFEST_JSON.name)
    with raising_unreadable(_MANIFEST_JSON.name):
        return [
            _ImageEntry(tuple(image.get("RepoTags") or ()), _parse_manifest(image))
            for image in images
        ]


def _parse_manifest(image: Any) -> Manifest:
    layers = tuple(Descriptor.from_file_name(name) for name in image["Layers"])
    return Manifest(Descriptor.from_file_name(image["Config"]), layers)


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
    """Whether it is more than one image with all its names, or with all its platforms."""
    tops = {e.target.digest: e.target for e in entries if isinstance(e.target, Descriptor)}
    if not tops:
        return len(entries) > 1
    names, platforms = {e.names for e in entries}, {top.platform for top in tops.values()}
    return len(tops) > 1 and (len(names) > 1 or len(platforms) < len(tops))


def _make_selection_error(entries: Sequence[_ImageEntry], selector: str) -> Unreadable:
    names = sorted({name for entry in entries for name in entry.names})
    offered = f": {', '.join(names)}" if names else " that bear no names"
    if selector:
        return Unreadable(f"there is no image {selector!r} among the {len(entries)} there{offered}")
    return Unreadable(
        f"it holds {len(entries)} images{offered}; "
        "say which one after the file's name, as in FILE:NAME or FILE:@0"
    )
