"""overlay2: images by the engine's own index of each layer's tar, without an export.

What is kept where: `image/overlay2/imagedb/content/sha256/<image id>` is the config,
`image/overlay2/layerdb/sha256/<chain id>/` holds `diff`, `size`, `cache-id` and `tar-split.json.gz`
of a layer, `overlay2/<cache id>/diff/` its files. All of that is the engine's private matter
(moby/moby, layer/filestore.go), so it is recognised strictly and checked against itself.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import BinaryIO, NamedTuple

from bot.adapters.docker.engine_files import Peephole
from bot.image.archives.blob import Blob
from bot.image.archives.descriptor import Descriptor
from bot.image.archives.image_config import read_config
from bot.image.archives.layer_cache import Shelf
from bot.image.archives.manifest_resolver import Archive, Manifest, read_layers
from bot.image.layers.gzip_estimate import SAMPLE, Samples
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import BLOCK
from bot.image.layers.tar_split import read_split
from bot.image.packages.detectors import Probe, asked, binaries, listed_in, told_by
from bot.image.packages.package import Package
from bot.model.files import Entry, Identity, Kind
from bot.parallel import spread

WAY = "engine index"

_WORTH_A_PROCESS = 300 << 20  # bytes of an image from which on a second process is worth its start
_WORTH = 100  # a look is worth what comes to this part of a layer
_PIECE = 256 << 10
_MANY = 8
_LOOK = 512 << 10  # a look takes as long as reading so many bytes


def places(root: str) -> list[dict[str, str]]:
    """The engine's folders that `read_overlay` looks into, by the names under which it does."""
    return [{"layers": f"{root}/image/overlay2", "files": f"{root}/overlay2"}]


def read_overlay(
    hole: Peephole, image_id: str, platform: str | None, shelf: Shelf, size: int
) -> Archive:
    """An image of an overlay2 store, of about `size` bytes; Unreadable or OSError if it cannot be had
    this way."""
    source = _Source(hole, shelf, size)
    config = Descriptor(image_id, image_id)
    diff_ids = read_config(source.config(config)).diff_ids
    return read_layers(source, Manifest(config, tuple(map(Descriptor, diff_ids))), platform)


class _Link(NamedTuple):
    """A layer of a stack: the chain ID of all up to it, and its own diff ID."""

    chain: str
    diff_id: str


class _Indexed(NamedTuple):
    """A layer with the packages that its databases list; its programs and jars, which nobody has
    looked into; and the folder of its files."""

    layer: LayerIndex
    programs: Mapping[str, Probe]
    files: str


class _Source:
    """The engine's folders as a source of images."""

    way = WAY

    def __init__(self, hole: Peephole, shelf: Shelf, size: int) -> None:
        self._hole, self._shelf, self._size = hole, shelf, size
        self._below: tuple[Package, ...] = ()

    def manifest(self, wanted: Descriptor) -> bytes:
        raise wanted.missing()  # the store keeps none

    def config(self, wanted: Descriptor) -> bytes:
        return self._hole.read(f"/layers/imagedb/content/{_path(wanted.digest)}")

    def layers(self, wanted: Sequence[Descriptor]) -> list[Blob]:
        diff_ids = [layer.diff_id for layer in wanted]
        known = [self._shelf.find(diff_id, Identity.CRC64) for diff_id in diff_ids]
        links = zip(accumulate(diff_ids, _chained), diff_ids, known, strict=True)
        read = iter(self._read([_Link(chain, diff_id) for chain, diff_id, it in links if not it]))
        blobs: list[Blob] = []
        for layer in known:
            blob = Blob.estimated(layer or self._with_programs(next(read)))
            if layer is None:
                self._shelf.put(blob)
            self._below += blob.layer.packages
            blobs.append(blob)
        return blobs

    def _read(self, links: Sequence[_Link]) -> list[_Indexed]:
        if self._size < _WORTH_A_PROCESS:
            return [_read(self._hole, link) for link in links]
        with self._hole.second() as there:
            return spread(links, partial(_read, self._hole), partial(_read, there))

    def _with_programs(self, read: _Indexed) -> LayerIndex:
        """Only once the packages below a layer are known can be told which programs are theirs."""
        layer, programs, files = read
        unclaimed = binaries(programs, (*self._below, *layer.packages))
        _fetch(self._hole, files, layer.entries, unclaimed)
        told = told_by(unclaimed)
        return replace(layer, packages=(*layer.packages, *told)) if told else layer


def _read(hole: Peephole, link: _Link) -> _Indexed:
    """A layer by the engine's index of it."""
    entries: tuple[Entry, ...] | None = None
    about: dict[str, str] = {}
    for file in hole.files(f"/layers/layerdb/{_path(link.chain)}"):
        name = file.path.rpartition("/")[2]
        if name == "tar-split.json.gz":
            entries = read_split(file.content)
        else:
            about[name] = file.content.read(1 << 10).decode("ascii", "replace")
    if entries is None or about.get("diff") != link.diff_id:
        raise Unreadable("the engine keeps no index of a layer")
    _check(entries, about.get("size", ""))
    files = f"/files/{about.get('cache-id', '')}/diff"
    listing, programs = asked(entries)
    _fetch(hole, files, entries, listing)
    packages, shares = listed_in(entries, listing), _shares(hole, files, entries)
    layer = index_layer(link.diff_id, entries, Identity.CRC64, packages, shares=shares)
    return _Indexed(layer, programs, files)


def _fetch(
    hole: Peephole, files: str, entries: Sequence[Entry], probes: Mapping[str, Probe]
) -> None:
    """Feeds the probes with their files, whole folders at a time where many lie together."""
    for path in gather(probes, entries):
        above = path.rpartition("/")[0]
        with closing(hole.files(f"{files}/{path}")) as seen:
            for file in seen:
                _feed(probes.get(f"{above}/{file.path}" if above else file.path), file.content)
                if path in probes:
                    break  # a file alone: what is left of it was not wanted


def _shares(hole: Peephole, files: str, entries: Sequence[Entry]) -> Mapping[str, float]:
    """What gzip leaves of samples of those files that nothing else tells of, where they weigh."""
    samples = Samples(sum([entry.size for entry in entries]) // _WORTH)
    for entry in entries:
        if entry.size and samples.wants(entry.path, entry.size, entry.mode):
            with closing(hole.files(f"{files}/{entry.path}")) as seen:
                for file in seen:
                    samples.look(entry.path, entry.size, file.content.read(SAMPLE))
                    break
    return samples.shares()


def _feed(probe: Probe | None, content: BinaryIO) -> None:
    while probe and not probe.done and (data := content.read(_PIECE)):
        probe.feed(data)


def gather(wanted: Collection[str], entries: Sequence[Entry]) -> list[str]:
    """What to ask for, files or whole folders, to see all of these files soonest."""
    if len(wanted) < _MANY:
        return list(wanted)
    files = Counter(folder for path in wanted for folder in _folders(path))
    inside: Counter[str] = Counter()
    for path, size in {entry.path: entry.size for entry in entries}.items():
        for folder in _folders(path):
            if folder in files:
                inside[folder] += size + BLOCK
    worth = {folder for folder in files if inside[folder] < (files[folder] - 1) * _LOOK}
    return list(dict.fromkeys(_asked(path, files, worth) for path in wanted))


def _asked(path: str, files: Mapping[str, int], worth: Collection[str]) -> str:
    """The file itself; or the outermost folder that is worth it, less what adds nothing wanted."""
    asked = path
    for folder in _folders(path):
        if folder in worth and (asked == path or files[folder] == files[asked]):
            asked = folder
    return asked


def _folders(path: str) -> Iterator[str]:
    """The folders that a path is in, the outermost first."""
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _chained(chain: str, diff_id: str) -> str:
    """The chain ID of a layer on top of others (OCI image specification, config.md)."""
    return "sha256:" + hashlib.sha256(f"{chain} {diff_id}".encode()).hexdigest()


def _path(digest: str) -> str:
    return digest.replace(":", "/", 1)


def _check(entries: Sequence[Entry], stated: str) -> None:
    """The engine's own figure adds the lengths of symbolic links where it did not build the layer."""
    found = sum(entry.size for entry in entries)
    links = (entry.link for entry in entries if entry.kind is Kind.SYMLINK)
    linked = found + sum(len(link.encode(errors="surrogateescape")) for link in links)
    if stated not in (str(found), str(linked)):
        raise Unreadable(
            f"the engine's index of a layer adds up to {found:,} bytes, its record says {stated}"
        )
