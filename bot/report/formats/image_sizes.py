"""The numbers of an image, once for all files that other programs read."""

from dataclasses import dataclass

from bot.audit.savings import select_savings
from bot.model.comparison import Delta
from bot.model.image import Image
from bot.model.report import MAX_GROWTH, MAX_LAYERS, MAX_SIZE, MAX_WASTE, ImageReport
from bot.report.document.growth import find_pull_bytes


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
_PULL = ("pull_bytes", "Download of an update; of an image without an old one, of all of it.")
# The limits by the names of their checks.
_LIMITS = {
    MAX_SIZE: ("max_size_bytes", "Limit on the size, by the metric of the budget."),
    MAX_GROWTH: ("max_growth_bytes", "Limit on the growth, by the metric of the budget."),
    MAX_WASTE: ("max_waste_bytes", "Limit on own_wasted_bytes."),
    MAX_LAYERS: ("max_layers", "Limit on the number of layers."),
}
_SAVING = ("saving_bytes", "The least that suggestions save together.")
_LACKS_CONTENTS = (
    "lacks_contents",
    "1 if a build lacked Git LFS files or submodules, so that sizes are lower bounds.",
)
NUMBER_NAMES = (
    *(*_SIZES, *_CHANGES, _PULL[0]),
    *(name for name, _ in _LIMITS.values()),
    _SAVING[0],
    _LACKS_CONTENTS[0],
)


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
        ImageNumber(*_PULL, find_pull_bytes(report)),
        *(ImageNumber(*texts, _find_limit(report, name)) for name, texts in _LIMITS.items()),
        ImageNumber(*_SAVING, saving),
        ImageNumber(*_LACKS_CONTENTS, int(report.lacks_contents) if head else None),
    )


def _find_limit(report: ImageReport, name: str) -> int | None:
    """Return the lowest limit of a name that was applied, else the one that is set in bytes."""
    # Base's rules and head's may both have one. A percentage is a number of bytes only once it was
    # applied to a size.
    limits = [x.limit for x in report.checks if x.name == name and x.limit is not None]
    budget = report.spec.budget
    set_limits = {
        MAX_SIZE: budget.max_size,
        MAX_GROWTH: budget.max_growth.bytes if budget.max_growth else None,
        MAX_WASTE: budget.max_waste.bytes if budget.max_waste else None,
        MAX_LAYERS: budget.max_layers,
    }
    return min(limits, default=set_limits[name])


def _read(source: Image | Delta | None, name: str) -> int | None:
    """Return a field; of layers, their number."""
    value = None if source is None else getattr(source, name)
    return len(value) if isinstance(value, tuple) else value
