"""What the pages need to know of one image, asked once and named."""

from collections.abc import Iterable

from bot.model.image import Image, Metric
from bot.model.report import Check, ImageReport, ImageState, Outcome, Report
from bot.model.sizes import format_size
from bot.model.suggestion import Suggestion
from bot.report.page.page_model import Phrase, Untrusted

_DASH = "\N{EN DASH}"
_PASSING_OUTCOMES = frozenset({Outcome.SKIP, Outcome.PASS})
_METRIC_SUFFIXES = {
    Metric.UNPACKED: "",
    Metric.COMPRESSED: " compressed",
    Metric.FILESYSTEM: " in the container",
}


def label(image: ImageReport) -> Untrusted:
    """The name an image goes by, with the platform where the configuration asks for one."""
    spec = image.spec
    return Untrusted(
        f"{spec.name} ({spec.platform})" if spec.platform else spec.name, max_characters=64
    )


def base_size(image: ImageReport) -> int | None:
    """The base's size by the image's own metric."""
    base = image.comparison.base
    return base.size(image.spec.budget.metric) if base else None


def head_size(image: ImageReport) -> int | None:
    """The head's size by the image's own metric."""
    head = image.comparison.head
    return head.size(image.spec.budget.metric) if head else None


def growth(image: ImageReport) -> int | None:
    """Head minus base by the image's own metric; None where a side is missing."""
    delta = image.comparison.delta
    return delta.size(image.spec.budget.metric) if delta else None


def format_image_size(image: ImageReport, amount: int, *, suffix: bool = True) -> str:
    """An amount in words, naming the metric where it is not the usual one, `≈` if it is a guess."""
    metric = image.spec.budget.metric
    sides = [side for side in (image.comparison.base, image.comparison.head) if side]
    guess = metric is Metric.COMPRESSED and not all(side.compressed_exact for side in sides)
    return (
        ("≈" if guess else "") + format_size(amount) + (_METRIC_SUFFIXES[metric] if suffix else "")
    )


def is_passing(image: ImageReport) -> bool:
    """Whether nobody needs to look at this image."""
    return image.verdict in _PASSING_OUTCOMES


def has_row(image: ImageReport) -> bool:
    """Whether an image deserves a row; the others are only counted."""
    return image.state is not ImageState.UNCHANGED or not is_passing(image)


def select_images(report: Report) -> list[ImageReport]:
    """The images that get a row, in the order in which they are read."""
    if report.mode in ("audit", "measure", "advise"):
        return _sort_by_size(report.images)
    if report.mode == "diff":
        return list(report.images)
    return _sort_by_change(image for image in report.images if has_row(image))


def rank_images(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Worst verdict first, and otherwise as they were: the first is the one to speak of."""
    order = list(Outcome)
    return sorted(images, key=lambda image: -max(order.index(image.verdict), 1))


def _sort_by_change(images: Iterable[ImageReport]) -> list[ImageReport]:
    """By verdict, then by how much they changed, then by size."""
    by_change = sorted(
        images,
        key=lambda image: (growth(image) is None, -_change_size(image), image.spec.name),
    )
    return rank_images(by_change)


def _sort_by_size(images: Iterable[ImageReport]) -> list[ImageReport]:
    """By size; those of which no size is known come first, since they need a look."""
    return sorted(
        images,
        key=lambda image: (
            image.comparison.head is not None,
            -(head_size(image) or 0),
            image.spec.name,
        ),
    )


def deciding_checks(image: ImageReport) -> list[Check]:
    """The checks that make the image's verdict what it is."""
    return [check for check in image.checks if check.result is image.verdict]


def find_best_suggestion(images: Iterable[ImageReport]) -> tuple[ImageReport, Suggestion] | None:
    """The suggestion that saves most, and whose it is."""
    offered = [(image, one) for image in images for one in image.suggestions]
    return max(offered, key=lambda pair: pair[1].saving_bytes or 0, default=None)


def head_or_base(image: ImageReport) -> Image | None:
    """The image to speak of where there is only one: head's, or what head has lost."""
    return image.comparison.head or image.comparison.base


def format_lines(start: int | None, end: int | None) -> str:
    """`line 7`, `lines 7–9`, or nothing."""
    if start is None:
        return ""
    return f"line {start}" if end in (None, start) else f"lines {start}{_DASH}{end}"


def untrusted_prose(text: str, limit: int = 300) -> Phrase:
    """Foreign words in a sentence of ours."""
    return (Untrusted(text, limit, is_prose=True),)


def _change_size(image: ImageReport) -> int:
    change = growth(image)
    return abs(change) if change is not None else head_size(image) or base_size(image) or 0
