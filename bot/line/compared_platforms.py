"""The platforms for which images that somebody else built are compared."""

from dataclasses import dataclass

from bot.errors import RegistryError, ReviewError
from bot.image.archives.platforms import choose_best_platform
from bot.line.comparison_subjects import ComparedImage
from bot.line.measurer import Measurer
from bot.model.image import MeasureFailure


@dataclass(frozen=True, slots=True)
class ComparedPlatform:
    """A platform to read both images for, and whether each of them has it."""

    read_as: str | None
    shown_as: str | None = None
    has_head: bool = True
    has_base: bool = False


def list_compared_platforms(
    measurer: Measurer, image: ComparedImage, requested: tuple[str, ...]
) -> list[ComparedPlatform] | MeasureFailure:
    """Return the platforms to compare; a failure if one of the images does not say which it has."""
    try:
        offered = measurer.list_platforms(image.reference)
        old = measurer.list_platforms(image.base_reference) if image.base_reference else ()
    except ReviewError as problem:
        return explain_failure(problem)
    if isinstance(offered, MeasureFailure):
        return offered
    if isinstance(old, MeasureFailure):
        return MeasureFailure(f"the older image: {old.reason}")
    return _choose_platforms(offered, old, requested)


def _choose_platforms(
    offered: tuple[str, ...], old: tuple[str, ...], requested: tuple[str, ...]
) -> list[ComparedPlatform]:
    """Return the platforms to compare: those asked for, or all of an index."""

    def has_base(platform: str) -> bool:
        # Without a list, reading it says what there is.
        return not old or choose_best_platform(old, platform) is not None

    if requested:
        return [ComparedPlatform(x, x, has_base=has_base(x)) for x in requested]
    # One for a single platform is shown without it, as most images are.
    if len(offered) < 2:
        platform = next(iter(offered), None)
        return [ComparedPlatform(platform, has_base=platform is None or has_base(platform))]
    # Rows without a newer image, so that a platform that is lost is seen.
    dropped = [x for x in old if choose_best_platform(offered, x) is None]
    return [
        *(ComparedPlatform(x, x, has_base=has_base(x)) for x in offered),
        *(ComparedPlatform(x, x, has_head=False, has_base=True) for x in dropped),
    ]


def explain_failure(problem: ReviewError) -> MeasureFailure:
    """Return the failure of an image that a registry does not give, with what to do, or another."""
    if isinstance(problem, RegistryError) and problem.fix:
        return MeasureFailure(f"{problem.reason}; {problem.fix}")
    return MeasureFailure(problem.reason)
