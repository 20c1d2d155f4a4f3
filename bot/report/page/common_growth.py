"""Growth that many images have in common: a file that each of them copies, said once."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from bot.model.comparison import Attribution
from bot.model.image import Metric
from bot.model.report import ImageReport, Outcome
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts
from bot.report.page.causes import explain_row
from bot.report.page.image_facts import growth
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.pull_causes import explain_pull_excess

_MIN_IMAGES = 3
_MAX_NAMED = 2
_Key = tuple[str, int, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class CommonGrowth:
    """The images that have one row of growth in common, those that grew by nothing else first."""

    images: tuple[ImageReport, ...]
    rows: tuple[Attribution, ...]
    others: int

    @property
    def delta_bytes(self) -> int:
        """Return the bytes by which each of the images grew."""
        return self.rows[0].delta_bytes

    @property
    def larger_images(self) -> list[ImageReport]:
        """Return the images that grew by more, the largest growth first."""
        common = format_size(self.delta_bytes)
        images = [image for image in self.images if format_size(growth(image) or 0) != common]
        return sorted(images, key=lambda image: -(growth(image) or 0))


def find_common_growth(images: Sequence[ImageReport]) -> CommonGrowth | None:
    """Return what most of the images with the verdict of the first have in common with it."""
    if not images:
        return None
    alike = [image for image in images if image.verdict is images[0].verdict]
    grown = [image for image in alike if _is_about_growth(image)]
    if images[0] not in grown or len(grown) < _MIN_IMAGES:
        return None
    causes = [(image, _list_rows(image)) for image in grown]
    keys = Counter(key for _, rows in causes for key in rows)
    common = [key for key in _list_rows(images[0]) if 2 * keys[key] > len(alike)]
    key = max(common, key=lambda item: item[1], default=None)
    if key is None or keys[key] < _MIN_IMAGES:
        return None
    members = [(image, rows[key]) for image, rows in causes if key in rows]
    members.sort(key=lambda member: growth(member[0]) or 0)
    return CommonGrowth(
        tuple(image for image, _ in members),
        tuple(row for _, row in members),
        len(alike) - len(members),
    )


def describe_common_growth(common: CommonGrowth) -> Phrase:
    """Say by how much all grew, and which of them by more."""
    larger, size = common.larger_images, common.delta_bytes
    exceptions: list[Phrase] = [
        (image_facts.label(image), f" by {format_size((growth(image) or 0) - size)} more")
        for image in larger[:_MAX_NAMED]
    ]
    if len(larger) > _MAX_NAMED:
        exceptions.append((f"{format_count(len(larger) - _MAX_NAMED, 'image')} by more",))
    summary = f"{format_count(len(common.images), 'image')} grew by {format_size(size)} each"
    return (summary, ", " if exceptions else "", *join_phrases(exceptions, ", ", " and "))


def explain_common_growth(common: CommonGrowth) -> Phrase:
    """Name the row that all have, and what else made one of them grow."""
    cause: Phrase = ("in each, ", *explain_row(common.rows[0], common.images[0]))
    for image in common.larger_images[:1]:
        others = [row for row in _list_rows(image).values() if row not in common.rows]
        row = max(others, key=lambda row: row.delta_bytes, default=None)
        cause += ("; in ", image_facts.label(image), ", ", *explain_row(row, image)) if row else ()
    return cause


def locate_common_growth(common: CommonGrowth) -> Phrase:
    """Say where to look in one of the images."""
    row, image = common.rows[0], common.images[0]
    lines = image_facts.format_lines(row.line_start, row.line_end)
    dockerfile = Untrusted(image.spec.dockerfile, 120)
    return ("look at ", f"{lines} of " if lines else "", dockerfile)


def list_growth_keys(image: ImageReport) -> Iterable[Hashable]:
    """Return what identifies each cause of an image's growth; the same in every image."""
    return _list_rows(image)


def _is_about_growth(image: ImageReport) -> bool:
    """Return True if an image grew, and only its growth on disk is what there is to say."""
    is_on_disk = image_facts.find_metric(image) is Metric.UNPACKED
    checks = image_facts.deciding_checks(image) if image.verdict is Outcome.FAIL else []
    is_decided = all(check.is_about_growth for check in checks)
    is_grown = is_on_disk and (growth(image) or 0) > 0
    return is_grown and is_decided and not explain_pull_excess(image)


def _list_rows(image: ImageReport) -> dict[_Key, Attribution]:
    """Return the rows that grew by no more than the image, by what is the same in other images."""
    total = growth(image) or 0
    return {
        (row.text, row.delta_bytes, tuple((x.name, x.delta_bytes) for x in row.owners)): row
        for row in image.comparison.attribution
        if 0 < row.delta_bytes <= total
    }
