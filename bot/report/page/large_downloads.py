"""Downloads that dwarf the growth: how large, why, and the order of lines that saves them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.changes import LayerChangeKind
from bot.model.image import Layer
from bot.model.report import ImageReport, Outcome
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts
from bot.report.page.layer_causes import list_checks_of_no_size, name_layer
from bot.report.page.page_model import Phrase, Untrusted

# A download of less than that, or of less than ten times the growth, is not worth a line.
_MIN_DOWNLOAD_BYTES = 10_000_000
_DWARFED = 10
_MAX_NAMED_LINES = 3


@dataclass(frozen=True)
class Download:
    """The layers that a machine with the old image downloads: those of the base image, and own.

    `repeated` are own ones with the same content as before, `added` those of new instructions.
    """

    inherited: tuple[Layer, ...]
    own: tuple[Layer, ...]
    repeated: tuple[Layer, ...]
    added: tuple[Layer, ...]

    @property
    def largest(self) -> Layer:
        """Return the largest layer."""
        return max((*self.inherited, *self.own), key=lambda layer: layer.compressed_bytes)

    @property
    def first(self) -> Layer:
        """Return the lowest layer, on which all the others stand."""
        return (*self.inherited, *self.own)[0]

    def is_mostly(self, layers: Sequence[Layer]) -> bool:
        """Return True if layers are half of the download or more."""
        return 2 * sum_compressed(layers) >= sum_compressed((*self.inherited, *self.own))


def sum_compressed(layers: Sequence[Layer]) -> int:
    """Return the bytes of layers as a registry stores them."""
    return sum(layer.compressed_bytes for layer in layers)


def find_download(image: ImageReport) -> Download | None:
    """Return what a machine with the old image downloads; None if that is nothing."""
    layers = image.comparison.new_layers
    if not layers:
        return None
    kinds = {match.head_index: match.kind for match in image.comparison.layer_matches}
    own = tuple(layer for layer in layers if not layer.from_base_image)
    return Download(
        tuple(layer for layer in layers if layer.from_base_image),
        own,
        tuple(layer for layer in own if kinds.get(layer.index) is LayerChangeKind.REBUILT),
        tuple(layer for layer in own if kinds.get(layer.index) is LayerChangeKind.ADDED),
    )


def has_large_download(image: ImageReport) -> bool:
    """Return True if machines with the old image download far more than it grew by."""
    delta = image.comparison.delta
    if delta is None:
        return False
    least = max(_MIN_DOWNLOAD_BYTES, _DWARFED * abs(delta.compressed_bytes))
    return delta.pull_delta_bytes >= least


def describe_large_downloads(images: Sequence[ImageReport]) -> Phrase:
    """Say what updates of images cost that the headline does not name, to end it.

    The second line says that of an image over budget, and its limit that of a download.
    """
    lead = images[:1] if images and images[0].verdict is Outcome.FAIL else []
    large = [
        image
        for image in images
        if image not in lead and has_large_download(image) and not list_checks_of_no_size(image)
    ]
    largest = max(large, key=get_download, default=None)
    if largest is None:
        return ()
    size = image_facts.mark_pull_estimate(largest, format_size(get_download(largest)))
    name: Phrase = () if largest is images[0] else (" ", image_facts.label(largest))
    count = format_count(len(large) - 1, "more image")
    others = f"; {count} with a large download" if len(large) > 1 else ""
    return ("; to update", *name, f", a machine pulls {size}{others}")


def get_download(image: ImageReport) -> int:
    """Return the bytes that a machine with the old image downloads."""
    delta = image.comparison.delta
    return delta.pull_delta_bytes if delta else 0


def explain_download(image: ImageReport) -> Phrase:
    """Say why layers are downloaded; empty if none is."""
    download = find_download(image)
    if download is None:
        return ()
    if download.is_mostly(download.inherited):
        size = _format_download(image, download.inherited)
        name = ("the base image changed", *_name_base(download.first))
        return (*name, f": its new layers have {size} to download")
    if download.is_mostly(download.repeated):
        return _explain_repeated(image, download)
    largest, first = download.largest, download.first
    size = _format_download(image, [largest])
    text: Phrase = (*name_layer(largest), f" is a new layer with {size} to download")
    return text if first is largest else (*text, "; the first new one is ", *name_layer(first)[:-1])


def _explain_repeated(image: ImageReport, download: Download) -> Phrase:
    size, first = _format_download(image, download.repeated), download.first
    is_plural = len(download.repeated) > 1
    again = f"{'are' if is_plural else 'is'} downloaded again with the same content: {size}"
    lines = _name_lines(download.repeated)
    if first in download.repeated:
        return (f"{lines} {again}",)
    cause: Phrase = (*name_layer(first), " is new" if first in download.added else " changed")
    if first.from_base_image:
        cause = ("the base image changed", *_name_base(first))
    return (*cause, f", so {lines} {again}")


def _name_base(layer: Layer) -> Phrase:
    return (" (", Untrusted(layer.instruction.text, 120), ")") if layer.instruction else ()


def _format_download(image: ImageReport, layers: Sequence[Layer]) -> str:
    head = image.comparison.head
    mark = "" if head and head.compressed_exact else "≈"
    return f"{mark}{format_size(sum_compressed(layers))}"


def _name_lines(layers: Sequence[Layer]) -> str:
    """Name the lines of layers, or count them: `lines 3 and 4`, `5 later layers`."""
    lines = list(dict.fromkeys(format_lines(layer) for layer in layers))
    numbers = [line.removeprefix("line ") for line in lines]
    if not all(number.isdigit() for number in numbers) or len(numbers) > _MAX_NAMED_LINES:
        return (
            lines[0] if len(lines) == 1 and lines[0] else format_count(len(layers), "later layer")
        )
    *others, last = numbers
    return f"lines {', '.join(others)} and {last}" if others else f"line {last}"


def format_lines(layer: Layer) -> str:
    """Format the lines of a layer's instruction; empty if it is not known."""
    source = layer.instruction
    return image_facts.format_lines(source.line_start, source.line_end) if source else ""
