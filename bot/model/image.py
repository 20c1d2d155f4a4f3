"""An image that was built and measured, layer by layer.

Sizes are bytes; docs/sizes.md defines them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.model.changes import Duplicates, WasteGroup
from bot.model.failures import FailureKind
from bot.model.files import Entry, HashAlgorithm, OwnerKey, WastedFile
from bot.model.image_location import ImageLocation
from bot.model.largest_parts import Contents, PackageSize
from bot.model.metric import Metric
from bot.model.size_parts import SizeTree


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The image of a build that succeeded; `notes` are sentences about what the build lacked."""

    location: ImageLocation
    notes: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """The location as text; for an image of the engine, the name that the engine knows."""
        return str(self.location)


@dataclass(frozen=True, slots=True)
class BuildFailure:
    """A build that failed: the reason and the last lines of its log.

    `instruction` is the text of the failing one with the name of its stage, empty if unknown. It
    has no line, so that the same one is equal in two revisions. `subject` and `folder` are those of
    `FailureCause`.
    """

    reason: str
    log: tuple[str, ...] = ()
    kind: FailureKind = FailureKind.UNKNOWN
    instruction: str = ""
    subject: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class InstructionRef:
    """An instruction of a Dockerfile; lines are counted from 1 and include continuations."""

    keyword: str
    text: str
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class BaseImage:
    """The layers of a base image, and its `ONBUILD` triggers, which run in each build on it."""

    diff_ids: tuple[str, ...]
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an image, in the order of its config's `rootfs.diff_ids`.

    `owners` splits `unpacked_bytes` by package or directory, without remainder; `largest_owners`
    has the largest of them for a report, where it shows the layer alone. `content_id` is
    equal for two layers with the same entries and contents; times and order do not count.
    `wasted_bytes` is the part that later layers hide. `compressed_error` is as in `Image`.
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
    largest_owners: tuple[PackageSize, ...] = ()
    instruction: InstructionRef | None = None
    from_base_image: bool = False
    compressed_error: float = 0.0


class SizedLayer(Protocol):
    """A layer with its sizes in bytes."""

    @property
    def unpacked_bytes(self) -> int:
        """The sum of its regular files."""

    @property
    def compressed_bytes(self) -> int:
        """Its size as a registry stores it."""


class LayeredSizes:
    """The sizes in bytes of what has layers: an image, or the record of one."""

    __slots__ = ()
    layers: Sequence[SizedLayer]
    filesystem_bytes: int

    @property
    def unpacked_bytes(self) -> int:
        """The sum of the regular files in every layer's tar."""
        return sum(layer.unpacked_bytes for layer in self.layers)

    @property
    def compressed_bytes(self) -> int:
        """The sum of the layers as a registry stores them and a client pulls them."""
        return sum(layer.compressed_bytes for layer in self.layers)

    @property
    def pull_bytes(self) -> int:
        """The download for a machine that has none of the layers."""
        return self.compressed_bytes

    @property
    def wasted_bytes(self) -> int:
        """The size of the files that later layers hide."""
        return self.unpacked_bytes - self.filesystem_bytes

    def size(self, metric: Metric) -> int:
        """Return the size in bytes by the metric of a budget."""
        return metric.choose(self)


@dataclass(frozen=True, slots=True)
class Image(LayeredSizes):
    """A measured image.

    `image_id` is the digest of its config, the same in every store and archive. `files` counts the
    regular files that a container sees, hard links once. `read_method` says how the image was read,
    `revision` is the commit that it says it was built from;
    `compressed_error` is the relative error of `compressed_bytes` (0.02 is 2 %, 0 is exact).

    `tree` has what a container sees by path, without directories, and `layer_by_path` the index of
    the layer that each path comes from; `directories` and `layer_by_directory` do the same for the
    directories that a layer names. `wasted_files` are those that later layers hide. Hashes of
    entries and layers compare only with those of the same `hash_algorithm`.

    `waste_groups` and `duplicates` group the tree and the waste for a report; compare/compare.py
    fills them in. `contents` are its largest parts, which only an audit lists. `size_tree` has all
    of its bytes for a picture, where one was asked for.
    """

    reference: str
    image_id: str
    platform: str
    layers: tuple[Layer, ...]
    compressed_exact: bool
    filesystem_bytes: int
    files: int
    read_method: str = ""
    revision: str = ""
    compressed_error: float = 0.0
    wasted_files: tuple[WastedFile, ...] = ()
    tree: Mapping[str, Entry] = field(default_factory=dict)
    hash_algorithm: HashAlgorithm = HashAlgorithm.SHA256
    layer_by_path: Mapping[str, int] = field(default_factory=dict)
    directories: Mapping[str, Entry] = field(default_factory=dict)
    layer_by_directory: Mapping[str, int] = field(default_factory=dict)
    waste_groups: tuple[WasteGroup, ...] = ()
    duplicates: Duplicates | None = None
    contents: Contents | None = None
    size_tree: SizeTree | None = None

    @property
    def own_wasted_bytes(self) -> int:
        """The waste in the layers that the Dockerfile added on top of its base image."""
        return sum(layer.wasted_bytes for layer in self.layers if not layer.from_base_image)

    @property
    def base_image_bytes(self) -> int | None:
        """The part of `unpacked_bytes` in the base image's layers; None if they are unknown."""
        if not any(layer.from_base_image or layer.instruction for layer in self.layers):
            return None
        return sum(layer.unpacked_bytes for layer in self.layers if layer.from_base_image)

    @property
    def own_bytes(self) -> int | None:
        """The part of `unpacked_bytes` that the Dockerfile added; None if it is unknown."""
        inherited = self.base_image_bytes
        return None if inherited is None else self.unpacked_bytes - inherited

    @property
    def efficiency(self) -> float:
        """The share of `unpacked_bytes` that a container sees, from 0 to 1."""
        return self.filesystem_bytes / self.unpacked_bytes if self.unpacked_bytes else 1.0

    def size_error(self, metric: Metric, layers: Iterable[Layer] | None = None) -> int:
        """Return the possible error of a size in bytes, 0 if it is exact; of some layers, of them.

        A layer without an error of its own has that of the image.
        """
        if metric.of_sizes is not Metric.COMPRESSED or self.compressed_exact:
            return 0
        errors = (
            layer.compressed_bytes * (layer.compressed_error or self.compressed_error)
            for layer in (self.layers if layers is None else layers)
        )
        return math.ceil(sum(errors))


@dataclass(frozen=True, slots=True)
class MeasureFailure:
    """An image that could not be measured, with the reason."""

    reason: str
