"""The numbers of an image, once for all files that other programs read."""

from dataclasses import dataclass

from bot.audit.savings import select_savings
from bot.model.comparison import Delta
from bot.model.image import Image
from bot.model.report import MAX_SIZE, ImageReport


@dataclass(frozen=True, slots=True)
class ImageNumber:
    """A number with the name that files have for it, in bytes or a count; None if unknown."""

    name: str
    meaning: str
    value: int | None


# The names are those of the fields of an image and, after `growth_`, of a delta.
_SIZES = {
    "unpacked_bytes": "Regular files of all layers.",
    "compressed_bytes": "Layers as a registry stores them.",
    "filesystem_bytes": "Files that a container sees.",
    "wasted_bytes": "Files that later layers hide.",
    "own_wasted_bytes": "Files that later layers hide, in the layers that the Dockerfile adds.",
    "own_bytes": "Layers that the Dockerfile adds.",
    "base_image_bytes": "Layers of the base image.",
    "layers": "Number of layers.",
    "files": "Number of files that a container sees.",
}
_CHANGES = {
    "growth_unpacked_bytes": "Growth of the unpacked size.",
    "growth_compressed_bytes": "Growth of the compressed size.",
    "growth_filesystem_bytes": "Growth of the files that a container sees.",
    "pull_delta_bytes": "Download for a machine that has the old image.",
}
_LIMIT = ("max_size_bytes", "Limit on the size.")
_SAVING = ("saving_bytes", "The least that suggestions save together.")
NUMBER_NAMES = (*_SIZES, *_CHANGES, _LIMIT[0], _SAVING[0])


def list_numbers(report: ImageReport) -> tuple[ImageNumber, ...]:
    """Return every number of an image, of its head where it has two sides."""
    head, delta = report.comparison.head, report.comparison.delta
    saving = sum(x.bytes for x in select_savings([report])) if head else None
    return (
        *(ImageNumber(name, text, _read(head, name)) for name, text in _SIZES.items()),
        *(
            ImageNumber(name, text, _read(delta, name.removeprefix("growth_")))
            for name, text in _CHANGES.items()
        ),
        ImageNumber(*_LIMIT, _find_limit(report)),
        ImageNumber(*_SAVING, saving),
    )


def _find_limit(report: ImageReport) -> int | None:
    """Return the lowest limit on the size that was applied, else the one that is set."""
    limits = [x.limit for x in report.checks if x.name == MAX_SIZE and x.limit is not None]
    return min(limits, default=report.spec.budget.max_size)


def _read(source: Image | Delta | None, name: str) -> int | None:
    """Return a field; of layers, their number."""
    value = None if source is None else getattr(source, name)
    return len(value) if isinstance(value, tuple) else value
