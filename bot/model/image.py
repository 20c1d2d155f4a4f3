"""An image that was built and measured, layer by layer. Sizes are bytes; docs/sizes.md defines them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.changes import Duplicates, WasteGroup
from bot.model.files import Entry, HashAlgorithm, OwnerKey, WastedFile
from bot.model.image_location import ImageLocation


class Metric(StrEnum):
    """The size that a budget is held against; the value is its name in the configuration."""

    UNPACKED = "unpacked"  # the sum of all layers' regular files
    COMPRESSED = "compressed"  # the sum of all layers as a registry stores them
    FILESYSTEM = "filesystem"  # the files that a container sees


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """A build that worked, and where its image is."""

    location: ImageLocation

    @property
    def reference(self) -> str:
        """The location as text; for an image of the engine, the name that the engine knows."""
        return str(self.location)


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """A build that did not work: what stopped it, and the last lines of its log."""

    reason: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstructionRef:
    """An instruction of a Dockerfile; lines are counted from 1 and include continuations."""

    keyword: str
    text: str
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an image, in the order of its config's `rootfs.diff_ids`.

    `owners` splits `unpacked_bytes` by whose they are, without remainder; `content_id` is equal for
    two layers that hold the same entries with the same contents, whatever their times and order;
    `wasted_bytes` is the part that no container sees; `compressed_error` is as in `Image`.
    """

    index: int
    diff_id: str
    unpacked_bytes: int
    compressed_bytes: int
    files: int
    created_by: str
    content_id: str = ""
    wasted_bytes: int = 0
    owners: Mapping[OwnerKey, int] = field(default_factory=dict)
    instruction: InstructionRef | None = None
    from_base_image: bool = False
    compressed_error: float = 0.0


@dataclass(frozen=True, slots=True)
class Image:
    """A measured image. `image_id` is the digest of its config, the same in every store and archive;
    `files` counts the regular files that a container sees, hard links once.

    `way` says how it was read, `compressed_error` how far `compressed_bytes` may be off (0.02 is
    2 %; 0 where it is exact). `wastes` are the files that are shipped and never seen; `tree` is what a
    container sees, by path, directories left out. `identity` tells what `content` of the entries and
    `content_id` of the layers rest on: they compare only with those of the same identity. `origins`
    tells of each path of the tree the index of the layer that brought it. `directories` have modes and
    owners, as far as a layer names them, `directory_origins` the topmost layer that does.

    `wasted` and `duplicates` add up for a reader what the tree and the wastes say, once somebody has
    looked into the image (compare/compare.py).
    """

    reference: str
    image_id: str
    platform: str
    layers: tuple[Layer, ...]
    compressed_exact: bool
    filesystem_bytes: int
    files: int
    read_method: str = ""
    compressed_error: float = 0.0
    wasted_files: tuple[WastedFile, ...] = ()
    tree: Mapping[str, Entry] = field(default_factory=dict)
    hash_algorithm: HashAlgorithm = HashAlgorithm.SHA256
    layer_by_path: Mapping[str, int] = field(default_factory=dict)
    directories: Mapping[str, Entry] = field(default_factory=dict)
    layer_by_directory: Mapping[str, int] = field(default_factory=dict)
    waste_groups: tuple[WasteGroup, ...] = ()
    duplicates: Duplicates | None = None

    @property
    def unpacked_bytes(self) -> int:
        """The sizes of the regular files in every layer's tar."""
        return sum(layer.unpacked_bytes for layer in self.layers)

    @property
    def compressed_bytes(self) -> int:
        """What a registry stores and a client pulls."""
        return sum(layer.compressed_bytes for layer in self.layers)

    @property
    def wasted_bytes(self) -> int:
        """Shipped, never seen."""
        return self.unpacked_bytes - self.filesystem_bytes

    @property
    def own_wasted_bytes(self) -> int:
        """The waste that lies in layers the Dockerfile added on top of its base image."""
        return sum(layer.wasted_bytes for layer in self.layers if not layer.from_base_image)

    @property
    def base_image_bytes(self) -> int | None:
        """The part of `unpacked_bytes` that only another `FROM` can change; None if that is unknown."""
        if not any(layer.from_base_image or layer.instruction for layer in self.layers):
            return None
        return sum(layer.unpacked_bytes for layer in self.layers if layer.from_base_image)

    @property
    def own_bytes(self) -> int | None:
        """The part of `unpacked_bytes` that the Dockerfile added; None if that is unknown."""
        inherited = self.base_image_bytes
        return None if inherited is None else self.unpacked_bytes - inherited

    @property
    def efficiency(self) -> float:
        """The share of the shipped bytes that a container sees, 0 to 1."""
        return self.filesystem_bytes / self.unpacked_bytes if self.unpacked_bytes else 1.0

    def size(self, metric: Metric) -> int:
        """This image's size in bytes by the metric of a budget."""
        return {
            Metric.UNPACKED: self.unpacked_bytes,
            Metric.COMPRESSED: self.compressed_bytes,
            Metric.FILESYSTEM: self.filesystem_bytes,
        }[metric]


@dataclass(frozen=True, slots=True)
class MeasureFailure:
    """An image that could not be measured, and why."""

    reason: str
