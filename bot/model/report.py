"""The nouns of the line, one frozen dataclass for what each verb makes.

Every size is an integer number of bytes. What each size means, and what it must equal, is said in
docs/sizes.md; the JSON names of these fields are the contract's and are written in report/document/writer.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.model.changes import Duplicates, FileChanges, LayerMatch, Note, WasteGroup
from bot.model.files import Entry, Identity, OwnerKey, Waste


class Outcome(StrEnum):
    """What a check, an image or a whole report comes to, the mildest first."""

    SKIP = "skip"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"


class State(StrEnum):
    """What became of one image between the two revisions."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEW = "new"
    REMOVED = "removed"
    NO_BASELINE = "no-baseline"
    BASE_BUILD_FAILED = "base-build-failed"
    HEAD_BUILD_FAILED = "head-build-failed"
    MEASURE_FAILED = "measure-failed"


class Cause(StrEnum):
    """Why bytes came or went."""

    INSTRUCTION = "instruction"
    BASE_IMAGE = "base-image"
    REBUILT = "rebuilt"


class Metric(StrEnum):
    """The size that a budget is held against; the value is its name in the configuration."""

    UNPACKED = "unpacked"
    COMPRESSED = "compressed"
    FILESYSTEM = "filesystem"

    @property
    def field_name(self) -> str:
        """The attribute of `Image`, and the field of the JSON report, that holds this size."""
        return f"{self.value}_bytes"


@dataclass(frozen=True, slots=True)
class Revision:
    """One side of the comparison: the name it was asked by, and the commit it stands for."""

    ref: str
    sha: str


@dataclass(frozen=True, slots=True)
class Growth:
    """The growth a budget allows. With both parts set, only exceeding both counts."""

    bytes: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What an image may weigh and by how much a change may fatten it; sizes in bytes."""

    max_size: int | None = None
    max_growth: Growth | None = None
    ignore_below: int = 2_000
    metric: Metric = Metric.UNPACKED


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """One image as one revision declares it. Paths are POSIX, relative to the repository.

    `smoke_test` is a whole command line, run in the image to see that it works.
    """

    name: str
    dockerfile: str
    context: str
    target: str | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    budget: Budget = Budget()
    smoke_test: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str | None]:
        """The identity that pairs the two sides: the name, never the path."""
        return self.name, self.platform


@dataclass(frozen=True, slots=True)
class Built:
    """A build that worked, and the reference under which the engine has it."""

    reference: str


@dataclass(frozen=True, slots=True)
class BuildFailed:
    """A build that did not work: what stopped it, and the last lines of its log."""

    reason: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instruction:
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
    instruction: Instruction | None = None
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
    way: str = ""
    compressed_error: float = 0.0
    wastes: tuple[Waste, ...] = ()
    tree: Mapping[str, Entry] = field(default_factory=dict)
    identity: Identity = Identity.SHA256
    origins: Mapping[str, int] = field(default_factory=dict)
    directories: Mapping[str, Entry] = field(default_factory=dict)
    directory_origins: Mapping[str, int] = field(default_factory=dict)
    wasted: tuple[WasteGroup, ...] = ()
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
class Unmeasured:
    """An image that could not be measured, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose bytes they are: a package, or the most telling directory where no package owns them."""

    kind: str
    name: str
    delta_bytes: int
    base_version: str | None = None
    head_version: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """One cause of growth. The owners' deltas add up to `delta_bytes`, exactly.

    The lines are those of the head's Dockerfile; of the base's where head has lost the instruction
    (`side` says which).
    """

    cause: Cause
    text: str
    delta_bytes: int
    owners: tuple[Owner, ...]
    line_start: int | None = None
    line_end: int | None = None
    side: str = "head"
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """Head minus base, in bytes; `pull_delta_bytes` is what a client of base must download, and
    `pull_delta_error` how far that may be off, as a share of it.
    """

    unpacked_bytes: int
    compressed_bytes: int
    filesystem_bytes: int
    wasted_bytes: int
    pull_delta_bytes: int
    layers: int
    pull_delta_error: float = 0.0

    def size(self, metric: Metric) -> int:
        """The growth in bytes by the metric of a budget."""
        return {
            Metric.UNPACKED: self.unpacked_bytes,
            Metric.COMPRESSED: self.compressed_bytes,
            Metric.FILESYSTEM: self.filesystem_bytes,
        }[metric]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two measured sides, either of which may be missing. The attribution sums to the delta.

    `layers` has each layer of both sides once; `files` is None where the files are not known.
    """

    base: Image | None
    head: Image | None
    delta: Delta | None = None
    attribution: tuple[Attribution, ...] = ()
    layers: tuple[LayerMatch, ...] = ()
    files: FileChanges | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a budget held against one image; sizes in bytes."""

    name: str
    metric: str
    observed: int | None
    limit: int | None
    result: Outcome
    reason: str
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines of a Dockerfile, both ends included, and what should stand in their place."""

    line_start: int
    line_end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was done to prove a suggestion."""

    built: bool
    started: str
    unpacked_bytes: int | None
    log: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A piece of advice, and how we know: verified, measured or estimated."""

    rule: str
    title: str
    message: str
    confidence: str
    line_start: int | None = None
    line_end: int | None = None
    saving_bytes: int | None = None
    edits: tuple[Edit, ...] = ()
    dockerfile: str | None = None
    verification: Verification | None = None


@dataclass(frozen=True, slots=True)
class ImageReport:
    """All that a report says of one image."""

    spec: ImageSpec
    state: State
    verdict: Outcome
    comparison: Comparison
    reason: str | None = None
    log: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """The label that lets intended growth pass: who set it and when; it `counts` if they may write."""

    label: str
    login: str
    at: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer to one question, ready to be rendered in any form."""

    mode: str
    images: tuple[ImageReport, ...]
    base: Revision | None = None
    head: Revision | None = None
    command: str = ""
    notes: tuple[str, ...] = ()
    approval: Approval | None = None

    @property
    def verdict(self) -> Outcome:
        """The worst of its images; a report about nothing passes."""
        order = list(Outcome)
        worst = max((order.index(image.verdict) for image in self.images), default=1)
        return order[max(worst, 1)]
