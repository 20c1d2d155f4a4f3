"""Facts about one image that several sections need: its name, sizes, order and verdict."""

from collections.abc import Callable, Iterable
from operator import attrgetter

from bot.model.comparison import Attribution
from bot.model.image import Image, Layer
from bot.model.metric import Metric
from bot.model.report import (
    WARN_GROWTH,
    WARN_SIZE,
    Check,
    ImageReport,
    ImageState,
    Mode,
    Outcome,
    Report,
)
from bot.model.sizes import format_size
from bot.model.suggestion import Suggestion
from bot.report.page.page_model import Phrase, Untrusted

_DASH = "\N{EN DASH}"
# An image that was not judged is no worse than one within budget: `worst` makes them alike.
_RANK = (Outcome.FAIL, Outcome.ERROR, Outcome.WARN, Outcome.PASS)
_PASSING_OUTCOMES = frozenset({Outcome.SKIP, Outcome.PASS})
# The default metric has no suffix; the footer defines it.
_METRIC_SUFFIXES = {
    Metric.UNPACKED: "",
    Metric.COMPRESSED: " compressed",
    Metric.FILESYSTEM: " visible in the container",
}


def label(image: ImageReport) -> Untrusted:
    """Return the name that people see, with its platform where the configuration sets one."""
    spec = image.spec
    name = spec.shown_name
    return Untrusted(f"{name} ({spec.platform})" if spec.platform else name, max_characters=64)


def name_entry(image: ImageReport) -> Untrusted:
    """Return the name of the entry in the configuration, which is one for all platforms."""
    return Untrusted(image.spec.shown_name, max_characters=64)


def identify_entry(image: ImageReport) -> tuple[str, str]:
    """Return what the platforms of an image have in common."""
    return image.spec.name, image.spec.dockerfile


def describe_rename(image: ImageReport) -> Phrase:
    """Say how the base's image differs, to follow the name: its name, platform or Dockerfile."""
    old = image.renamed_from
    if old is None:
        return ()
    # The name of an image that nobody names is the path of its Dockerfile.
    if old.name not in (image.spec.name, old.dockerfile):
        return (" (renamed from ", Untrusted(old.name, max_characters=64), ")")
    if old.platform == image.spec.platform:
        is_moved = old.dockerfile != image.spec.dockerfile
        return (" (moved from ", Untrusted(old.dockerfile, 120), ")") if is_moved else ()
    platform = Untrusted(old.platform, max_characters=64) if old.platform else "not set"
    return (" (platform before: ", platform, ")")


def find_metric(image: ImageReport) -> Metric:
    """Return the metric to show sizes by: of the check that decides, else of the budget.

    Of a limit on downloads, it is that of the compressed sizes.

    The rules of base and head may have different ones.
    """
    checks = [] if is_passing(image) else deciding_checks(image)
    deciding = [check for check in checks if not check.is_about_layers]
    metric = deciding[0].metric if deciding else image.spec.budget.metric
    return metric.of_sizes


def base_size(image: ImageReport) -> int | None:
    """Return the base's size in bytes, by the metric that is shown."""
    base = image.comparison.base
    return base.size(find_metric(image)) if base else None


def head_size(image: ImageReport) -> int | None:
    """Return the head's size in bytes, by the metric that is shown."""
    head = image.comparison.head
    return head.size(find_metric(image)) if head else None


def growth(image: ImageReport) -> int | None:
    """Return head minus base by the metric that is shown; None where a side is missing."""
    delta = image.comparison.delta
    return delta.size(find_metric(image)) if delta else None


def mark_estimate(image: ImageReport, growth_text: str) -> str:
    """Return the text of a growth; `≈` and `±` mark an estimate and its error."""
    error = image.comparison.growth_error(find_metric(image))
    return f"≈{growth_text} ±{format_size(error)}" if error else growth_text


def mark_pull_estimate(image: ImageReport, size_text: str) -> str:
    """Return the text of a download; `≈` and `±` mark an estimate and its error."""
    error = image.comparison.growth_error(Metric.PULL)
    return f"≈{size_text} ±{format_size(error)}" if error else size_text


def format_image_size(image: ImageReport, amount: int, *, suffix: bool = True) -> str:
    """Format a size by the metric that is shown; `≈` marks an estimated compressed size.

    `suffix` appends the metric's name, unless it is the default metric.
    """
    metric = find_metric(image)
    sides = [side for side in (image.comparison.base, image.comparison.head) if side]
    is_estimate = metric is Metric.COMPRESSED and not all(side.compressed_exact for side in sides)
    mark = "≈" if is_estimate else ""
    return f"{mark}{format_size(amount)}{_METRIC_SUFFIXES[metric] if suffix else ''}"


def is_passing(image: ImageReport) -> bool:
    """Return True if the image needs no attention."""
    return image.verdict in _PASSING_OUTCOMES


def is_unjudged(report: Report) -> bool:
    """Return True for a report on existing images that were measured and held against no limit."""
    checks = [check for image in report.images for check in image.checks]
    if report.mode is Mode.MEASURE:  # a single image has no growth to judge
        checks = [check for check in checks if check.result is not Outcome.SKIP]
    is_of_existing = report.mode in (Mode.MEASURE, Mode.DIFF)
    return is_of_existing and report.verdict is Outcome.PASS and not checks


def name_older_image(report: Report, image: ImageReport) -> Phrase:
    """Name the image that was compared with, to follow the name, where that is another one."""
    base, baseline = image.comparison.base, image.baseline
    name = base.reference if base and report.mode is Mode.DIFF else ""
    if baseline is not None and baseline.reference:
        name = baseline.reference
    return (" (compared with ", Untrusted(name, max_characters=100), ")") if name else ()


def has_row(image: ImageReport) -> bool:
    """Return True if the image gets a row of the table; the others are only counted."""
    return image.state is not ImageState.UNCHANGED or not is_passing(image)


def is_unchanged_unbuilt(image: ImageReport) -> bool:
    """Return True if the image was not built, since nothing that goes into it differs."""
    return image.state is ImageState.UNCHANGED and head_or_base(image) is None


def select_images(report: Report) -> list[ImageReport]:
    """Return the images that get a row, in the order of the table."""
    if report.mode is Mode.AUDIT:
        return sorted(_sort_by_size(report.images), key=lambda image: not image.comparison.head)
    if not report.mode.has_two_sides:
        return _sort_by_size(report.images)
    if report.mode is Mode.DIFF:
        return list(report.images)
    return _sort_by_change(image for image in report.images if has_row(image))


def rank_images(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Sort by verdict; the first image is the one that the headline names.

    What is over budget comes before what could not be measured, of which there is less to say.
    """
    return sorted(images, key=lambda image: _RANK.index(Outcome.worst([image.verdict])))


def _sort_by_change(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Sort by verdict, then by the amount of change, then by name."""
    by_change = sorted(
        images,
        key=lambda image: (growth(image) is None, -_change_size(image), image.spec.name),
    )
    return rank_images(by_change)


def _sort_by_size(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Sort by size, the largest first; images without a size come before them."""
    return sorted(
        images,
        key=lambda image: (
            image.comparison.head is not None,
            -(head_size(image) or 0),
            image.spec.name,
        ),
    )


def deciding_checks(image: ImageReport) -> list[Check]:
    """Return the checks with the same result as the image's verdict."""
    return [check for check in image.checks if check.result is image.verdict]


def exceeds_warning(image: ImageReport) -> bool:
    """Return True if a limit for a warning is why the image warns, and nobody has approved that."""
    return image.verdict is Outcome.WARN and any(
        check.name in (WARN_SIZE, WARN_GROWTH) and not check.approved
        for check in deciding_checks(image)
    )


def explain_ignored_growth(image: ImageReport) -> list[Phrase]:
    """Return why growth over a limit passes: the budget ignores as little as that."""
    return [
        untrusted_prose(check.reason, 160)
        for check in image.checks
        if check.result is Outcome.PASS and (check.observed or 0) > (check.limit or 0)
        if check.is_about_growth
    ]


def find_best_suggestion(
    images: Iterable[ImageReport],
    list_suggestions: Callable[[ImageReport], Iterable[Suggestion]] = attrgetter("suggestions"),
) -> tuple[ImageReport, Suggestion] | None:
    """Return the suggestion that saves most, of all or of those that are listed, with its image."""
    suggestions = [(image, option) for image in images for option in list_suggestions(image)]
    return max(suggestions, key=lambda pair: pair[1].saving_bytes or 0, default=None)


def head_or_base(image: ImageReport) -> Image | None:
    """Return the head image, or the base image where head has none."""
    return image.comparison.head or image.comparison.base


def format_lines(start: int | None, end: int | None) -> str:
    """Format a range of lines: `line 7`, `lines 7–9`; empty without a start."""
    if start is None:
        return ""
    return f"line {start}" if end in (None, start) else f"lines {start}{_DASH}{end}"


def list_line_layers(measured: Image | None, row: Attribution) -> list[Layer]:
    """Return the layers of an image that the line of a row made."""
    layers = measured.layers if measured else ()
    return [x for x in layers if x.instruction and x.instruction.line_start == row.line_start]


def untrusted_prose(text: str, limit: int = 300) -> Phrase:
    """Wrap untrusted text that stands in a sentence."""
    return (Untrusted(text, limit, is_prose=True),)


def _change_size(image: ImageReport) -> int:
    change = growth(image)
    return abs(change) if change is not None else head_size(image) or base_size(image) or 0
