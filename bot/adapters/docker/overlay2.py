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

from bot.adapters.docker.engine_files import EngineFiles
from bot.image.archives.blob import Blob
from bot.image.archives.descriptor import Descriptor
from bot.image.archives.image_config import parse_config
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import Manifest, ScannedImage, scan_image
from bot.image.layers.gzip_estimate import SAMPLE_BYTES, GzipSamples
from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.streams import Unreadable
from bot.image.layers.tar_headers import BLOCK_BYTES
from bot.image.layers.tar_split import read_tar_split
from bot.image.packages.detectors import (
    Probe,
    create_probes,
    read_binary_packages,
    read_listed_packages,
    select_unowned_binaries,
)
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind, HashAlgorithm
from bot.parallel import run_in_two_processes

READ_METHOD = "engine index"

_TWO_PROCESS_MIN_BYTES = (
    300 << 20
)  # bytes of an image from which on a second process is worth its start
_SAMPLE_MIN_DIVISOR = 100  # a look is worth what comes to this part of a layer
_READ_CHUNK_BYTES = 256 << 10
_GROUPING_MIN_FILES = 8
_REQUEST_COST_BYTES = 512 << 10  # a look takes as long as reading so many bytes


def list_store_folders(data_root: str) -> list[dict[str, str]]:
    """The engine's folders that `read_overlay` looks into, by the names under which it does."""
    return [{"layers": f"{data_root}/image/overlay2", "files": f"{data_root}/overlay2"}]


def read_overlay2_image(
    engine_files: EngineFiles,
    image_id: str,
    platform: str | None,
    layer_cache: LayerCache,
    size: int,
) -> ScannedImage:
    """An image of an overlay2 store, of about `size` bytes; Unreadable or OSError if it cannot be had
    this way."""
    source = _Overlay2Source(engine_files, layer_cache, size)
    config = Descriptor(image_id, image_id)
    diff_ids = parse_config(source.read_config(config)).diff_ids
    return scan_image(source, Manifest(config, tuple(map(Descriptor, diff_ids))), platform)


class _ChainedLayer(NamedTuple):
    """A layer of a stack: the chain ID of all up to it, and its own diff ID."""

    chain_id: str
    diff_id: str


class _IndexedLayer(NamedTuple):
    """A layer with the packages that its databases list; its programs and jars, which nobody has
    looked into; and the folder of its files."""

    layer: LayerIndex
    program_probes: Mapping[str, Probe]
    files_folder: str


class _Overlay2Source:
    """The engine's folders as a source of images."""

    read_method = READ_METHOD

    def __init__(self, engine_files: EngineFiles, layer_cache: LayerCache, size: int) -> None:
        self._engine_files, self._layer_cache, self._size = engine_files, layer_cache, size
        self._lower_packages: tuple[Package, ...] = ()

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        raise descriptor.make_missing_error()  # the store keeps none

    def read_config(self, descriptor: Descriptor) -> bytes:
        return self._engine_files.read_file(
            f"/layers/imagedb/content/{_digest_path(descriptor.digest)}"
        )

    def read_layers(self, descriptors: Sequence[Descriptor]) -> list[Blob]:
        diff_ids = [layer.diff_id for layer in descriptors]
        known = [self._layer_cache.get(diff_id, HashAlgorithm.CRC64) for diff_id in diff_ids]
        links = zip(accumulate(diff_ids, _compute_chain_id), diff_ids, known, strict=True)
        read = iter(
            self._index_layers(
                [_ChainedLayer(chain, diff_id) for chain, diff_id, it in links if not it]
            )
        )
        blobs: list[Blob] = []
        for layer in known:
            blob = Blob.from_estimate(layer or self._detect_programs(next(read)))
            if layer is None:
                self._layer_cache.put(blob)
            self._lower_packages += blob.layer.packages
            blobs.append(blob)
        return blobs

    def _index_layers(self, chained_layers: Sequence[_ChainedLayer]) -> list[_IndexedLayer]:
        if self._size < _TWO_PROCESS_MIN_BYTES:
            return [_index_layer(self._engine_files, link) for link in chained_layers]
        with self._engine_files.open_second() as there:
            return run_in_two_processes(
                chained_layers,
                partial(_index_layer, self._engine_files),
                partial(_index_layer, there),
            )

    def _detect_programs(self, indexed_layer: _IndexedLayer) -> LayerIndex:
        """Only once the packages below a layer are known can be told which programs are theirs."""
        layer, programs, files = indexed_layer
        unclaimed = select_unowned_binaries(programs, (*self._lower_packages, *layer.packages))
        _feed_probes(self._engine_files, files, layer.entries, unclaimed)
        told = read_binary_packages(unclaimed)
        return replace(layer, packages=(*layer.packages, *told)) if told else layer


def _index_layer(engine_files: EngineFiles, chained_layer: _ChainedLayer) -> _IndexedLayer:
    """A layer by the engine's index of it."""
    entries: tuple[Entry, ...] | None = None
    about: dict[str, str] = {}
    for file in engine_files.iter_files(f"/layers/layerdb/{_digest_path(chained_layer.chain_id)}"):
        name = file.path.rpartition("/")[2]
        if name == "tar-split.json.gz":
            entries = read_tar_split(file.content)
        else:
            about[name] = file.content.read(1 << 10).decode("ascii", "replace")
    if entries is None or about.get("diff") != chained_layer.diff_id:
        raise Unreadable("the engine keeps no index of a layer")
    _check_size(entries, about.get("size", ""))
    files = f"/files/{about.get('cache-id', '')}/diff"
    listing, programs = create_probes(entries)
    _feed_probes(engine_files, files, entries, listing)
    packages, shares = (
        read_listed_packages(entries, listing),
        _sample_gzip_ratios(engine_files, files, entries),
    )
    layer = index_layer(
        chained_layer.diff_id, entries, HashAlgorithm.CRC64, packages, ratios=shares
    )
    return _IndexedLayer(layer, programs, files)


def _feed_probes(
    engine_files: EngineFiles,
    files_folder: str,
    entries: Sequence[Entry],
    probes: Mapping[str, Probe],
) -> None:
    """Feeds the probes with their files, whole folders at a time where many lie together."""
    for path in plan_requests(probes, entries):
        above = path.rpartition("/")[0]
        with closing(engine_files.iter_files(f"{files_folder}/{path}")) as seen:
            for file in seen:
                _feed_probe(
                    probes.get(f"{above}/{file.path}" if above else file.path), file.content
                )
                if path in probes:
                    break  # a file alone: what is left of it was not wanted


def _sample_gzip_ratios(
    engine_files: EngineFiles, files_folder: str, entries: Sequence[Entry]
) -> Mapping[str, float]:
    """What gzip leaves of samples of those files that nothing else tells of, where they weigh."""
    samples = GzipSamples(sum([entry.size for entry in entries]) // _SAMPLE_MIN_DIVISOR)
    for entry in entries:
        if entry.size and samples.is_sample_needed(entry.path, entry.size, entry.mode):
            with closing(engine_files.iter_files(f"{files_folder}/{entry.path}")) as seen:
                for file in seen:
                    samples.add_sample(entry.path, entry.size, file.content.read(SAMPLE_BYTES))
                    break
    return samples.compute_ratios()


def _feed_probe(probe: Probe | None, content: BinaryIO) -> None:
    while probe and not probe.is_done and (data := content.read(_READ_CHUNK_BYTES)):
        probe.feed(data)


def plan_requests(paths: Collection[str], entries: Sequence[Entry]) -> list[str]:
    """What to ask for, files or whole folders, to see all of these files soonest."""
    if len(paths) < _GROUPING_MIN_FILES:
        return list(paths)
    files = Counter(folder for path in paths for folder in _iter_parents(path))
    inside: Counter[str] = Counter()
    for path, size in {entry.path: entry.size for entry in entries}.items():
        for folder in _iter_parents(path):
            if folder in files:
                inside[folder] += size + BLOCK_BYTES
    worth = {
        folder for folder in files if inside[folder] < (files[folder] - 1) * _REQUEST_COST_BYTES
    }
    return list(dict.fromkeys(_choose_request(path, files, worth) for path in paths))


def _choose_request(
    path: str, file_counts: Mapping[str, int], worthwhile_folders: Collection[str]
) -> str:
    """The file itself; or the outermost folder that is worth it, less what adds nothing wanted."""
    asked = path
    for folder in _iter_parents(path):
        if folder in worthwhile_folders and (
            asked == path or file_counts[folder] == file_counts[asked]
        ):
            asked = folder
    return asked


def _iter_parents(path: str) -> Iterator[str]:
    """The folders that a path is in, the outermost first."""
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


def _compute_chain_id(parent_chain_id: str, diff_id: str) -> str:
    """The chain ID of a layer on top of others (OCI image specification, config.md)."""
    return "sha256:" + hashlib.sha256(f"{parent_chain_id} {diff_id}".encode()).hexdigest()


def _digest_path(digest: str) -> str:
    return digest.replace(":", "/", 1)


def _check_size(entries: Sequence[Entry], recorded_size: str) -> None:
    """The engine's own figure adds the lengths of symbolic links where it did not build the layer."""
    found = sum(entry.size for entry in entries)
    links = (entry.link for entry in entries if entry.kind is EntryKind.SYMLINK)
    linked = found + sum(len(link.encode(errors="surrogateescape")) for link in links)
    if recorded_size not in (str(found), str(linked)):
        raise Unreadable(
            f"the engine's index of a layer adds up to {found:,} bytes, its record says {recorded_size}"
        )
