"""overlay2 images, read by the engine's own index of each layer's tar, without an export.

`image/overlay2/imagedb/content/sha256/<image id>` is the config,
`image/overlay2/layerdb/sha256/<chain id>/` holds `diff`, `size`, `cache-id` and `tar-split.json.gz`
of a layer, `overlay2/<cache id>/diff/` its files. The format is private to the engine (moby/moby,
layer/filestore.go), so it is recognised strictly and checked against itself.
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
from bot.image.archives.index_check import agree_with_total, sum_link_bytes
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
    read_listed_packages,
    select_unowned_binaries,
)
from bot.image.packages.known_programs import KnownPrograms
from bot.image.packages.package import Package
from bot.model.files import Entry, HashAlgorithm
from bot.parallel import run_in_two_processes

READ_METHOD = "engine index"

# Bytes of an image below which a second process costs more than it saves.
_TWO_PROCESS_MIN_BYTES = 300 << 20
_SAMPLE_MIN_DIVISOR = 100  # files below a hundredth of their layer are not sampled
_READ_CHUNK_BYTES = 256 << 10
# Fewer files are requested one by one: to plan would take as long as it saves.
_GROUPING_MIN_FILES = 8
_REQUEST_COST_BYTES = 512 << 10  # one request takes as long as reading so many bytes


def list_store_folders(data_root: str) -> list[dict[str, str]]:
    """Return the engine's folders under the names that `read_overlay2_image` uses."""
    return [{"layers": f"{data_root}/image/overlay2", "files": f"{data_root}/overlay2"}]


def read_overlay2_image(
    engine_files: EngineFiles,
    image_id: str,
    platform: str | None,
    layer_cache: LayerCache,
    size: int,
) -> ScannedImage:
    """Read an image of an overlay2 store; `size` is what the engine states, in bytes.

    Raises Unreadable or OSError where the store cannot be read.
    """
    source = _Overlay2Source(engine_files, layer_cache, size)
    config = Descriptor(image_id, image_id)
    diff_ids = parse_config(source.read_config(config)).diff_ids
    return scan_image(source, Manifest(config, tuple(map(Descriptor, diff_ids))), platform)


class _ChainedLayer(NamedTuple):
    """A layer of a stack: the chain ID of all up to it, and its own diff ID."""

    chain_id: str
    diff_id: str


class _IndexedLayer(NamedTuple):
    """A layer with listed packages, probes for programs and jars, and the folder of its files."""

    layer: LayerIndex
    program_probes: Mapping[str, Probe]
    files_folder: str


class _Overlay2Source:
    """The engine's folders as a source of images."""

    read_method = READ_METHOD

    def __init__(self, engine_files: EngineFiles, layer_cache: LayerCache, size: int) -> None:
        self._engine_files, self._layer_cache, self._size = engine_files, layer_cache, size
        self._lower_packages: tuple[Package, ...] = ()
        self._known_programs = KnownPrograms()

    def read_manifest(self, descriptor: Descriptor) -> bytes:
        raise descriptor.make_missing_error()  # the store has no manifests

    def read_config(self, descriptor: Descriptor) -> bytes:
        return self._engine_files.read_file(
            f"/layers/imagedb/content/{_digest_path(descriptor.digest)}"
        )

    def read_layers(self, descriptors: Sequence[Descriptor]) -> list[Blob]:
        """Return the layers; read them again if kept indexes do not add up to the engine's size."""
        diff_ids = [layer.diff_id for layer in descriptors]
        cached_layers = [
            self._layer_cache.get(diff_id, HashAlgorithm.CRC64) for diff_id in diff_ids
        ]
        blobs = self._read_missing_layers(diff_ids, cached_layers)
        layers = [blob.layer for blob in blobs]
        if any(cached_layers) and not agree_with_total(layers, self._size):
            self._lower_packages = ()
            blobs = self._read_missing_layers(diff_ids, [None] * len(diff_ids))
        return blobs

    def _read_missing_layers(
        self, diff_ids: Sequence[str], cached_layers: Sequence[LayerIndex | None]
    ) -> list[Blob]:
        chain_ids = accumulate(diff_ids, _compute_chain_id)
        missing_layers = [
            _ChainedLayer(chain_id, diff_id)
            for chain_id, diff_id, cached in zip(chain_ids, diff_ids, cached_layers, strict=True)
            if not cached
        ]
        indexed_layers = iter(self._index_layers(missing_layers))
        blobs: list[Blob] = []
        for layer in cached_layers:
            blob = Blob.from_estimate(layer or self._detect_programs(next(indexed_layers)))
            if layer is None:
                self._layer_cache.put(blob)
            self._lower_packages += blob.layer.packages
            blobs.append(blob)
        return blobs

    def _index_layers(self, chained_layers: Sequence[_ChainedLayer]) -> list[_IndexedLayer]:
        if self._size < _TWO_PROCESS_MIN_BYTES:
            return [
                _index_layer(self._engine_files, chained_layer) for chained_layer in chained_layers
            ]
        with self._engine_files.open_second() as second_files:
            return run_in_two_processes(
                chained_layers,
                partial(_index_layer, self._engine_files),
                partial(_index_layer, second_files),
            )

    def _detect_programs(self, indexed_layer: _IndexedLayer) -> LayerIndex:
        """Add the packages of programs that no package manager owns.

        Ownership is known only once the packages of the layers below are.
        """
        layer, program_probes, files_folder = indexed_layer
        unowned_probes = select_unowned_binaries(
            program_probes, (*self._lower_packages, *layer.packages)
        )
        packages = self._known_programs.read_packages(
            unowned_probes,
            layer.entries,
            partial(_feed_probes, self._engine_files, files_folder, layer.entries),
        )
        return replace(layer, packages=(*layer.packages, *packages)) if packages else layer


def _index_layer(engine_files: EngineFiles, chained_layer: _ChainedLayer) -> _IndexedLayer:
    """Read a layer from the engine's index of it."""
    entries: tuple[Entry, ...] | None = None
    metadata: dict[str, str] = {}
    for file in engine_files.iter_files(f"/layers/layerdb/{_digest_path(chained_layer.chain_id)}"):
        name = file.path.rpartition("/")[2]
        if name == "tar-split.json.gz":
            entries = read_tar_split(file.content)
        else:
            metadata[name] = file.content.read(1 << 10).decode("ascii", "replace")
    # The folder is found by the chain ID alone, which says nothing of what is in it.
    if entries is None or metadata.get("diff") != chained_layer.diff_id:
        raise Unreadable("the engine keeps no index of a layer")
    _check_size(entries, metadata.get("size", ""))
    files_folder = f"/files/{metadata.get('cache-id', '')}/diff"
    list_probes, program_probes = create_probes(entries)
    _feed_probes(engine_files, files_folder, entries, list_probes)
    packages = read_listed_packages(entries, list_probes)
    gzip_ratios = _sample_gzip_ratios(engine_files, files_folder, entries)
    layer = index_layer(
        chained_layer.diff_id, entries, HashAlgorithm.CRC64, packages, ratios=gzip_ratios
    )
    return _IndexedLayer(layer, program_probes, files_folder)


def _feed_probes(
    engine_files: EngineFiles,
    files_folder: str,
    entries: Sequence[Entry],
    probes: Mapping[str, Probe],
) -> None:
    """Feed the probes with their files, a folder at a time where many lie together."""
    for path in plan_requests(probes, entries):
        parent = path.rpartition("/")[0]
        with closing(engine_files.iter_files(f"{files_folder}/{path}")) as files:
            for file in files:
                _feed_probe(
                    probes.get(f"{parent}/{file.path}" if parent else file.path), file.content
                )
                if path in probes:
                    break  # a single file was requested: the rest of it is not needed


def _sample_gzip_ratios(
    engine_files: EngineFiles, files_folder: str, entries: Sequence[Entry]
) -> Mapping[str, float]:
    """Estimate by samples how well gzip compresses large files of unknown kind."""
    samples = GzipSamples(sum([entry.size for entry in entries]) // _SAMPLE_MIN_DIVISOR)
    for entry in entries:
        if entry.size and samples.is_sample_needed(entry.path, entry.size, entry.mode):
            with closing(engine_files.iter_files(f"{files_folder}/{entry.path}")) as files:
                for file in files:
                    samples.add_sample(entry.path, entry.size, file.content.read(SAMPLE_BYTES))
                    break
    return samples.compute_ratios()


def _feed_probe(probe: Probe | None, content: BinaryIO) -> None:
    while probe and not probe.is_done and (data := content.read(_READ_CHUNK_BYTES)):
        probe.feed(data)


def plan_requests(paths: Collection[str], entries: Sequence[Entry]) -> list[str]:
    """Choose the files or whole folders to request so that all paths are read soonest."""
    if len(paths) < _GROUPING_MIN_FILES:
        return list(paths)
    file_counts = Counter(folder for path in paths for folder in _iter_parents(path))
    bytes_below: Counter[str] = Counter()
    for path, size in {entry.path: entry.size for entry in entries}.items():
        for folder in _iter_parents(path):
            if folder in file_counts:
                bytes_below[folder] += size + BLOCK_BYTES
    worthwhile_folders = {
        folder
        for folder in file_counts
        if bytes_below[folder] < (file_counts[folder] - 1) * _REQUEST_COST_BYTES
    }
    return list(
        dict.fromkeys(_choose_request(path, file_counts, worthwhile_folders) for path in paths)
    )


def _choose_request(
    path: str, file_counts: Mapping[str, int], worthwhile_folders: Collection[str]
) -> str:
    """Return the file itself, or the outermost worthwhile folder around it.

    A folder that adds no further file is passed over.
    """
    request = path
    for folder in _iter_parents(path):
        if folder in worthwhile_folders and (
            request == path or file_counts[folder] == file_counts[request]
        ):
            request = folder
    return request


def _iter_parents(path: str) -> Iterator[str]:
    """Yield the folders around a path, the outermost first."""
    index = path.find("/")
    while index > 0:
        yield path[:index]
        index = path.find("/", index + 1)


def _compute_chain_id(parent_chain_id: str, diff_id: str) -> str:
    """Compute the chain ID of a layer (OCI image specification, config.md)."""
    return "sha256:" + hashlib.sha256(f"{parent_chain_id} {diff_id}".encode()).hexdigest()


def _digest_path(digest: str) -> str:
    return digest.replace(":", "/", 1)


def _check_size(entries: Sequence[Entry], recorded_size: str) -> None:
    """Raise Unreadable unless the index adds up to the engine's own figure.

    That includes the lengths of symbolic links where the engine did not build the layer.
    """
    file_bytes = sum(entry.size for entry in entries)
    bytes_with_links = file_bytes + sum_link_bytes(entries)
    if recorded_size not in (str(file_bytes), str(bytes_with_links)):
        raise Unreadable(
            f"the engine's index of a layer adds up to {file_bytes:,} bytes, "
            f"its record says {recorded_size}"
        )
