"""The images of the repository that an image is built on, in words."""

from collections.abc import Sequence

from bot.model.comparison import Attribution, GrowthCause
from bot.model.image_identity import BaseUse
from bot.model.report import ImageReport, Mode, Report
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.several_platforms import list_entries

_MAX_BASES = 10


def find_own_base(image: ImageReport, row: Attribution) -> BaseUse | None:
    """Return the image of the repository that a row is about; None for any other row."""
    if row.cause is not GrowthCause.BASE_IMAGE:
        return None
    return next((use for use in image.based_on if use.is_from), None)


def list_grown_users(base: ImageReport, images: Sequence[ImageReport]) -> list[ImageReport]:
    """Return the images that grew because they are built on an image that grew."""
    if (image_facts.growth(base) or 0) <= 0:
        return []
    return [image for image in images if _is_built_on(image, base) and _grew_by_base(image)]


def order_images(report: Report) -> list[ImageReport]:
    """Return the images that get a row, in the order of the table and of the headline."""
    images = image_facts.select_images(report)
    return put_base_first(_join_platforms(images)) if report.mode is Mode.REVIEW else images


def _join_platforms(images: Sequence[ImageReport]) -> list[ImageReport]:
    """Return images with the platforms of one together, unless one has a worse verdict."""
    verdicts = list(dict.fromkeys(image.verdict for image in images))
    ranked = [[image for image in images if image.verdict is verdict] for verdict in verdicts]
    return [image for part in ranked for entry in list_entries(part) for image in entry]


def put_base_first(images: Sequence[ImageReport]) -> list[ImageReport]:
    """Return ranked images with the base of the first one before it, if that is as bad."""
    ranked = list(images)
    for _ in images:  # a report of somebody else may have images that are built on each other
        base = _find_base_of_first(ranked)
        if base is None:
            break
        ranked = [base, *(image for image in ranked if image is not base)]
    return ranked


def _find_base_of_first(images: Sequence[ImageReport]) -> ImageReport | None:
    return next(
        (
            base
            for base in images[1:]
            if base.verdict is images[0].verdict and images[0] in list_grown_users(base, images)
        ),
        None,
    )


def describe_users(images: Sequence[ImageReport]) -> Phrase:
    """Name the images that grew with their base, to follow its own growth."""
    if not images:
        return ()
    return ("; with it ", *join_names([image_facts.label(image) for image in images], 3))


def list_relations(image: ImageReport, images: Sequence[ImageReport]) -> list[Phrase]:
    """Return a sentence on what an image is built on, and one on what is built on it.

    `images` are all of the report, which know how people call them.
    """
    sentences: list[Phrase] = [
        (
            "Built on ",
            Untrusted(use.image.dockerfile, 120),
            " of this repository, which it takes as ",
            Untrusted(use.reference, 120),
            ".",
        )
        for use in image.based_on[:_MAX_BASES]
    ]
    if users := _name_users(image, images):
        sentences.append(("Base image of ", *join_names(users, 10), "."))
    return sentences


def _name_users(image: ImageReport, images: Sequence[ImageReport]) -> list[Untrusted]:
    if not image.base_of:
        return []
    shown = {(x.spec.name, x.spec.dockerfile): x.spec.shown_name for x in images}
    names = (shown.get((user.name, user.dockerfile), user.name) for user in image.base_of)
    return [Untrusted(name, 64) for name in names]


def join_names(names: Sequence[Untrusted], count: int) -> Phrase:
    """Join the first names, and say how many there are besides."""
    rest = len(names) - count
    phrases: list[Phrase] = [(name,) for name in names[:count]]
    return join_phrases([*phrases, *([(f"{rest} more",)] if rest > 0 else [])], ", ", " and ")


def _is_built_on(image: ImageReport, base: ImageReport) -> bool:
    own = (base.spec.name, base.spec.dockerfile)
    return any((use.image.name, use.image.dockerfile) == own for use in image.based_on)


def _grew_by_base(image: ImageReport) -> bool:
    """Return True if most of an image's growth is its base image's."""
    rows = image.comparison.attribution
    grown = [row for row in rows if row.delta_bytes > 0]
    largest = max(grown, key=lambda row: row.delta_bytes, default=None)
    return largest is not None and find_own_base(image, largest) is not None
