"""Which image of a folder is meant: the entries of index.json and manifest.json, and their names."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from bot.image.archives.descriptor import Descriptor, descriptor, parse, reading
from bot.image.archives.manifest_resolver import (
    Archive,
    Manifest,
    Source,
    choose,
    read_image,
    read_layers,
)
from bot.image.archives.reference import same_name
from bot.image.layers.streams import Unreadable

_INDEX, _LIST = Descriptor("index.json"), Descriptor("manifest.json")
_TAG, _FULL_NAME = "org.opencontainers.image.ref.name", "io.containerd.image.name"


class Folder(Source, Protocol):
    """A source whose documents have names."""

    def has(self, name: str) -> bool:
        """Whether there is a document of the name."""
        ...


class _Entry(NamedTuple):
    """An image, or one platform of it, with the names it bears."""

    names: tuple[str, ...]
    top: Descriptor | Manifest


def read_named(folder: Folder, which: str, platform: str | None) -> Archive:
    """The only image of a folder, or that of a name, or that of a position, `@0` being the first.

    index.json knows platforms. manifest.json is what positions count in, and all there is in the
    archives of old engines.
    """
    indexed = _indexed(folder) if folder.has(_INDEX.name) else []
    listed = _listed(folder) if folder.has(_LIST.name) or not indexed else []
    if which.startswith("@"):
        meant = _at(which, listed or indexed)
    else:
        meant = _bearing(indexed, which) or _bearing(listed, which)
    if not meant or _are_several(meant):
        raise _unclear(listed or indexed, which)
    manifests = [entry.top for entry in meant if isinstance(entry.top, Manifest)]
    if manifests:
        return read_layers(folder, manifests[0], platform)
    tops = [entry.top for entry in meant if isinstance(entry.top, Descriptor)]
    return read_image(folder, choose(tops, platform), platform)


def _indexed(folder: Folder) -> list[_Entry]:
    document = parse(folder.manifest(_INDEX), _INDEX.name)
    with reading(_INDEX.name):
        entries = [descriptor(entry) for entry in document["manifests"]]
    return [_Entry(_names(entry), entry) for entry in entries if not entry.is_attestation]


def _names(entry: Descriptor) -> tuple[str, ...]:
    found = (entry.annotations.get(key) for key in (_FULL_NAME, _TAG))
    return tuple(str(name) for name in found if name)


def _listed(folder: Folder) -> list[_Entry]:
    images = parse(folder.manifest(_LIST), _LIST.name)
    with reading(_LIST.name):
        return [_Entry(tuple(image.get("RepoTags") or ()), _manifest(image)) for image in images]


def _manifest(image: Any) -> Manifest:
    layers = tuple(Descriptor.named(name) for name in image["Layers"])
    return Manifest(Descriptor.named(image["Config"]), layers)


def _at(which: str, entries: Sequence[_Entry]) -> list[_Entry]:
    position = which.removeprefix("@")
    return list(entries[int(position) :][:1]) if position.isdecimal() else []


def _bearing(entries: Sequence[_Entry], which: str) -> list[_Entry]:
    return [
        entry
        for entry in entries
        if not which or any(same_name(name, which) for name in entry.names)
    ]


def _are_several(entries: Sequence[_Entry]) -> bool:
    """Whether it is more than one image with all its names, or with all its platforms."""
    tops = {e.top.digest: e.top for e in entries if isinstance(e.top, Descriptor)}
    if not tops:
        return len(entries) > 1
    names, platforms = {e.names for e in entries}, {top.platform for top in tops.values()}
    return len(tops) > 1 and (len(names) > 1 or len(platforms) < len(tops))


def _unclear(entries: Sequence[_Entry], which: str) -> Unreadable:
    names = sorted({name for entry in entries for name in entry.names})
    offered = f": {', '.join(names)}" if names else " that bear no names"
    if which:
        return Unreadable(f"there is no image {which!r} among the {len(entries)} there{offered}")
    return Unreadable(
        f"it holds {len(entries)} images{offered}; "
        "say which one after the file's name, as in FILE:NAME or FILE:@0"
    )
