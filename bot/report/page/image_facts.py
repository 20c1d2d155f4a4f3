"""What the pages need to know of one image, asked once and named."""

from collections.abc import Iterable

from bot.model.image import Image, Metric
from bot.model.report import Check, ImageReport, Outcome, Report, State
from bot.model.sizes import show_size
from bot.model.suggestion import Suggestion
from bot.report.page.page_model import Foreign, Phrase

_DASH = "\N{EN DASH}"
_FINE = frozenset({Outcome.SKIP, Outcome.PASS})
_IN_WORDS = {
    Metric.UNPACKED: "",
    Metric.COMPRESSED: " compressed",
    Metric.FILESYSTEM: " in the container",
}


def label(image: ImageReport) -> Foreign:
    """The name an image goes by, with the platform where the configuration asks for one."""
    spec = image.spec
    return Foreign(f"{spec.name} ({spec.platform})" if spec.platform else spec.name, limit=64)


def before(image: ImageReport) -> int | None:
    """The base's size by the image's own metric."""
    base = image.comparison.base
    return base.size(image.spec.budget.metric) if base else None


def after(image: ImageReport) -> int | None:
    """The head's size by the image's own metric."""
    head = image.comparison.head
    return head.size(image.spec.budget.metric) if head else None


def growth(image: ImageReport) -> int | None:
    """Head minus base by the image's own metric; None where a side is missing."""
    delta = image.comparison.delta
    return delta.size(image.spec.budget.metric) if delta else None


def size(image: ImageReport, amount: int, *, suffix: bool = True) -> str:
    """An amount in words, naming the metric where it is not the usual one, `≈` if it is a guess."""
    metric = image.spec.budget.metric
    sides = [side for side in (image.comparison.base, image.comparison.head) if side]
    guess = metric is Metric.COMPRESSED and not all(side.compressed_exact for side in sides)
    return ("≈" if guess else "") + show_size(amount) + (_IN_WORDS[metric] if suffix else "")


def passes(image: ImageReport) -> bool:
    """Whether nobody needs to look at this image."""
    return image.verdict in _FINE


def differs(image: ImageReport) -> bool:
    """Whether an image deserves a row; the others are only counted."""
    return image.state is not State.UNCHANGED or not passes(image)


def shown(report: Report) -> list[ImageReport]:
    """The images that get a row, in the order in which they are read."""
    if report.mode in ("audit", "measure", "advise"):
        return _largest_first(report.images)
    if report.mode == "diff":
        return list(report.images)
    return _most_changed_first(image for image in report.images if differs(image))


def ranked(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Worst verdict first, and otherwise as they were: the first is the one to speak of."""
    order = list(Outcome)
    return sorted(images, key=lambda image: -max(order.index(image.verdict), 1))


def _most_changed_first(images: Iterable[ImageReport]) -> list[ImageReport]:
    """By verdict, then by how much they changed, then by size."""
    by_change = sorted(
        images,
        key=lambda image: (growth(image) is None, -_magnitude(image), image.spec.name),
    )
    return ranked(by_change)


def _largest_first(images: Iterable[ImageReport]) -> list[ImageReport]:
    """By size; those of which no size is known come first, since they need a look."""
    return sorted(
        images,
        key=lambda image: (
            image.comparison.head is not None,
            -(after(image) or 0),
            image.spec.name,
        ),
    )


def broken(image: ImageReport) -> list[Check]:
    """The checks that make the image's verdict what it is."""
    return [check for check in image.checks if check.result is image.verdict]


def best_suggestion(images: Iterable[ImageReport]) -> tuple[ImageReport, Suggestion] | None:
    """The suggestion that saves most, and whose it is."""
    offered = [(image, one) for image in images for one in image.suggestions]
    return max(offered, key=lambda pair: pair[1].saving_bytes or 0, default=None)


def standing(image: ImageReport) -> Image | None:
    """The image to speak of where there is only one: head's, or what head has lost."""
    return image.comparison.head or image.comparison.base


def lines(start: int | None, end: int | None) -> str:
    """`line 7`, `lines 7–9`, or nothing."""
    if start is None:
        return ""
    return f"line {start}" if end in (None, start) else f"lines {start}{_DASH}{end}"


def prose(text: str, limit: int = 300) -> Phrase:
    """Foreign words in a sentence of ours."""
    return (Foreign(text, limit, prose=True),)


def _magnitude(image: ImageReport) -> int:
    change = growth(image)
    return abs(change) if change is not None else after(image) or before(image) or 0
