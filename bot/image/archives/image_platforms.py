"""The platforms of an image: those of its index, or that of the one image there is."""

from bot.image.archives.descriptor import Descriptor, parse_descriptor
from bot.image.archives.image_selection import ImageArchive, select_entries
from bot.image.archives.json_document import parse_json, raising_unreadable
from bot.image.archives.manifest_resolver import (
    MAX_INDEX_DEPTH,
    BlobSource,
    Manifest,
    parse_manifest,
    read_config,
)
from bot.image.archives.platforms import normalise_platform
from bot.image.layers.streams import Unreadable


def list_platforms(source: BlobSource, descriptor: Descriptor) -> tuple[str, ...]:
    """Return the platforms of a descriptor, in the order of its index; attestations are none."""
    return _unite(_list_platforms(source, descriptor, MAX_INDEX_DEPTH))


def list_archive_platforms(archive: ImageArchive, selector: str) -> tuple[str, ...]:
    """Return the platforms of the image of a name, or of the only image of an archive."""
    platforms: list[str] = []
    for target in select_entries(archive, selector):
        if isinstance(target, Manifest):  # of the one image that has no index
            platforms.append(read_config(archive, target, None).platform)
        else:
            platforms += _list_platforms(archive, target, MAX_INDEX_DEPTH)
    return _unite(platforms)


def _list_platforms(source: BlobSource, descriptor: Descriptor, depth: int) -> list[str]:
    if not depth:
        raise Unreadable("its indexes are nested too deeply")
    data = source.read_manifest(descriptor)
    descriptor.check_content(data)
    document = parse_json(data, descriptor.name)
    with raising_unreadable("a manifest"):
        if "manifests" not in document:
            return [read_config(source, parse_manifest(document), None).platform]
        entries = [parse_descriptor(entry) for entry in document["manifests"]]
    platforms: list[str] = []
    for entry in entries:
        if entry.is_attestation:
            continue
        # A descriptor may lack its platform (image-index.md); its config or own index has it then.
        stated = [entry.platform] if entry.platform else []
        platforms += stated or _list_platforms(source, entry, depth - 1)
    return platforms


def _unite(platforms: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalise_platform(x) for x in platforms if x))
