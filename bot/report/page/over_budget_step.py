"""The third line for images over budget: what makes them smaller, or lets them pass as they are."""

from collections.abc import Sequence

from bot.model.comparison import Attribution, BaseOrHead
from bot.model.report import ImageReport, Outcome, Report
from bot.model.sizes import format_count
from bot.model.suggestion import Suggestion
from bot.report.page import causes, image_facts
from bot.report.page.cause_fixes import suggest_for_cause
from bot.report.page.common_growth import CommonGrowth
from bot.report.page.common_growth_words import suggest_for_common_growth
from bot.report.page.failure_fixes import suggest_measuring
from bot.report.page.growth_savings import (
    describe_remainder,
    find_growth_saving,
    saves_too_little,
)
from bot.report.page.large_downloads import format_lines
from bot.report.page.limit_fix import describe_ways
from bot.report.page.limit_steps import (
    is_met_by_no_saving,
    list_fitting_suggestions,
    suggest_for_limit,
)
from bot.report.page.own_bases import find_own_base, list_grown_users
from bot.report.page.page_model import Phrase, Untrusted, join_sentences
from bot.report.page.row_changes import RowChange, list_covering, list_main_changes
from bot.report.page.several_platforms import list_entries
from bot.report.page.suggestion_words import PATCH_TEXT, describe_suggestion

_MAX_OTHERS = 2


def exceeds_limit(image: ImageReport) -> bool:
    """Return True for an image that fails, or that warns for a limit that is set for it."""
    return image.verdict is Outcome.FAIL or image_facts.exceeds_warning(image)


def list_exceeding(images: Sequence[ImageReport]) -> list[ImageReport]:
    """Return the images that exceed limits as the first one does; empty if that does not."""
    return [x for x in images if x.verdict is images[0].verdict and exceeds_limit(x)]


def suggest_within_limits(
    report: Report, images: Sequence[ImageReport], common: CommonGrowth | None = None
) -> Phrase:
    """Say how images over budget get below their limits, or pass as they are.

    The first of them is the one that is named, unless most share a growth: `common`.
    """
    exceeding = list_exceeding(images)
    steps = [_suggest_for_common_growth(common)] if common else _suggest_step(report, images[0])
    repairs = suggest_measuring(images, report.reproduce_command)
    return join_sentences(
        [
            *steps,
            *_suggest_for_others(report, exceeding, common),
            *describe_ways(report, exceeding),
            *repairs,
        ]
    )


def _suggest_step(report: Report, image: ImageReport) -> list[Phrase]:
    """Return sentences on how one image over budget gets below its limit."""
    if is_met_by_no_saving(image):
        fitting = list_fitting_suggestions(image)
        best = max(fitting, key=lambda suggestion: suggestion.saving_bytes or 0, default=None)
        if best is None or saves_too_little(image, best):
            return [suggest_for_limit(report, image)]
        return [describe_suggestion(best)]
    best, lines = find_growth_saving(image), _find_lines(image)
    if best is None or (saves_too_little(image, best) and lines):
        return _suggest_lines(image, lines, best)
    return _describe_saving(image, best)


def _suggest_for_common_growth(common: CommonGrowth) -> Phrase:
    """Say what makes one of the images smaller, as all of them have the same cause."""
    image = common.images[0]
    best = find_growth_saving(image)
    is_enough = best is not None and not saves_too_little(image, best)
    step = describe_suggestion(best) if best and is_enough else suggest_for_common_growth(common)
    number = len(list_entries(common.images)) - 1
    others = f", and the same in {format_count(number, 'more image')}" if number else ""
    return (*step, others)


def _suggest_for_others(
    report: Report, exceeding: Sequence[ImageReport], common: CommonGrowth | None
) -> list[Phrase]:
    """Return a sentence for each of the next images that need a change of their own."""
    others = _list_others(exceeding, common)
    sentences: list[Phrase] = [
        ("in ", image_facts.name_entry(image), ", ", *_suggest_step(report, image)[0])
        for image in others[:_MAX_OTHERS]
    ]
    rest = len(others) - len(sentences)
    count = f"{format_count(rest, 'more image')} over budget: see the details"
    return [*sentences, (count,)] if rest else sentences


def _list_others(
    exceeding: Sequence[ImageReport], common: CommonGrowth | None
) -> list[ImageReport]:
    """Return the images that the first step does not make small enough, each platform once."""
    others = [x for x in common.larger_images if exceeds_limit(x)] if common else []
    settled = [*(common.images if common else exceeding[:1])]
    settled += list_grown_users(exceeding[0], exceeding)
    entries = {image_facts.identify_entry(image) for image in settled}
    for image in exceeding:
        if image_facts.identify_entry(image) not in entries:
            entries.add(image_facts.identify_entry(image))
            others.append(image)
    return others


def _describe_saving(image: ImageReport, suggestion: Suggestion) -> list[Phrase]:
    """Describe a suggestion with the part of an excess that it saves, and what then remains."""
    part, rest = describe_remainder(image, suggestion.saving_bytes or 0)
    is_written_out = suggestion.edits or suggestion.dockerfile
    patch = PATCH_TEXT if is_written_out else ""
    return [describe_suggestion(suggestion, part), (rest,), (patch,)]


def _suggest_lines(image: ImageReport, lines: str, best: Suggestion | None) -> list[Phrase]:
    """Name the line that grew; `best` saves a part of it."""
    if not lines:
        return [("make it smaller",)]
    row = causes.find_main_cause(image, head_only=True)
    own = find_own_base(image, row) if row else None
    if own:
        return [("look at what is new in its base image, ", Untrusted(own.image.dockerfile, 120))]
    if best is None:
        return [_suggest_for_cause(image, row, lines)]
    suggestion, *others = _describe_saving(image, best)
    return [_look_at(lines, image), ("see also: ", *suggestion), *others]


def _suggest_for_cause(image: ImageReport, row: Attribution | None, lines: str) -> Phrase:
    """Say what to change in the line of a row, if its cause is known, and where else to look."""
    fix = suggest_for_cause(image, row) if row else ()
    if row is None or not fix:
        return _look_at(lines, image)
    main = image_facts.format_lines(row.line_start, row.line_end)
    others = lines.removeprefix(main).removeprefix(" and ").removeprefix(", ")
    return (*fix, "; also ", *_look_at(others, image)) if others else fix


def _look_at(lines: str, image: ImageReport) -> Phrase:
    return (f"look at {lines} of ", Untrusted(image.spec.dockerfile, 120))


def _find_lines(image: ImageReport) -> str:
    """Return the lines of head's Dockerfile that add most of the growth; empty without one."""
    changes = [x for x in list_main_changes(image) if x.row.side is BaseOrHead.HEAD]
    if not changes or not changes[0].row.line_start:
        return _find_largest_lines(image)
    largest = _format_lines(changes[0])
    covering = list_covering(changes, image)
    lines = [text for text in dict.fromkeys(map(_format_lines, covering or changes)) if text]
    if not covering and len(lines) > 1:
        return f"{largest} and {format_count(len(lines) - 1, 'more line')}"
    return ", ".join(lines[:-1]) + f" and {lines[-1]}" if len(lines) > 1 else largest


def _format_lines(change: RowChange) -> str:
    return image_facts.format_lines(change.row.line_start, change.row.line_end)


def _find_largest_lines(image: ImageReport) -> str:
    """Return the lines of the largest layer of a new image; empty if it is compared."""
    head = image.comparison.head if image.comparison.delta is None else None
    own = [layer for layer in head.layers if not layer.from_base_image] if head else []
    largest = max(own, key=lambda layer: layer.unpacked_bytes, default=None)
    return format_lines(largest) if largest else ""
