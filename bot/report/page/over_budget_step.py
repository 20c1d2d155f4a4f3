"""The third line for images over budget: what makes them smaller, or lets them pass as they are."""

from collections.abc import Sequence

from bot.model.comparison import BaseOrHead
from bot.model.report import ImageReport, Report
from bot.model.sizes import format_count
from bot.model.suggestion import Suggestion
from bot.report.page import causes, image_facts
from bot.report.page.common_growth import CommonGrowth, locate_common_growth
from bot.report.page.growth_savings import (
    describe_remainder,
    find_growth_saving,
    saves_too_little,
)
from bot.report.page.limit_fix import describe_intention, describe_ways
from bot.report.page.limit_steps import (
    is_met_by_no_saving,
    list_fitting_suggestions,
    suggest_for_limit,
)
from bot.report.page.own_bases import find_own_base, list_grown_users
from bot.report.page.page_model import Phrase, Untrusted
from bot.report.page.row_changes import RowChange, list_covering, list_main_changes
from bot.report.page.suggestion_words import PATCH_TEXT, describe_suggestion


def suggest_within_limit(
    report: Report, image: ImageReport, images: Sequence[ImageReport]
) -> Phrase:
    """Say how an image over budget gets below its limit, or passes as it is."""
    ways = describe_ways(report, [image, *list_grown_users(image, images)])
    intention = f"; or, if {describe_intention(image)} is intended, "
    if is_met_by_no_saving(image):
        fitting = list_fitting_suggestions(image)
        best = max(fitting, key=lambda suggestion: suggestion.saving_bytes or 0, default=None)
        if best is None or saves_too_little(image, best):
            return suggest_for_limit(report, image, ways)
        return (*describe_suggestion(best), intention, *ways)
    best, lines = find_growth_saving(image), _find_lines(image)
    if best is None or (saves_too_little(image, best) and lines):
        return _suggest_line_or_limit(image, best, ways)
    return (*_describe_saving(image, best), intention, *ways)


def suggest_for_common_growth(report: Report, common: CommonGrowth) -> Phrase:
    """Say what makes one of the images smaller, as all of them have the same cause."""
    image, ways = common.images[0], describe_ways(report, common.images)
    best = find_growth_saving(image)
    is_enough = best is not None and not saves_too_little(image, best)
    step = _describe_saving(image, best) if best and is_enough else locate_common_growth(common)
    others = format_count(len(common.images) - 1, "more image")
    return (*step, f", and the same in {others}; if the growth is intended, ", *ways)


def _describe_saving(image: ImageReport, suggestion: Suggestion) -> Phrase:
    """Describe a suggestion with the part of an excess that it saves, and what then remains."""
    part, rest = describe_remainder(image, suggestion.saving_bytes or 0)
    is_written_out = suggestion.edits or suggestion.dockerfile
    return (*describe_suggestion(suggestion, part), rest, PATCH_TEXT if is_written_out else "")


def _suggest_line_or_limit(image: ImageReport, best: Suggestion | None, ways: Phrase) -> Phrase:
    """Name the line that grew; `best` saves a part of it."""
    lines, intention = _find_lines(image), f"; if {describe_intention(image)} is intended, "
    if not lines:
        return ("make it smaller, or ", *ways)
    row = causes.find_main_cause(image, head_only=True)
    own = find_own_base(image, row) if row else None
    if own:
        dockerfile = Untrusted(own.image.dockerfile, 120)
        return ("look at what is new in its base image, ", dockerfile, intention, *ways)
    see_also: Phrase = ("; see also: ", *_describe_saving(image, best)) if best else ()
    dockerfile = Untrusted(image.spec.dockerfile, 120)
    return (f"look at {lines} of ", dockerfile, *see_also, intention, *ways)


def _find_lines(image: ImageReport) -> str:
    """Return the lines of head's Dockerfile that add most of the growth; empty without one."""
    changes = [x for x in list_main_changes(image) if x.row.side is BaseOrHead.HEAD]
    if not changes or not changes[0].row.line_start:
        return ""
    largest = _format_lines(changes[0])
    covering = list_covering(changes, image)
    lines = [text for text in dict.fromkeys(map(_format_lines, covering or changes)) if text]
    if not covering and len(lines) > 1:
        return f"{largest} and {format_count(len(lines) - 1, 'more line')}"
    return ", ".join(lines[:-1]) + f" and {lines[-1]}" if len(lines) > 1 else largest


def _format_lines(change: RowChange) -> str:
    return image_facts.format_lines(change.row.line_start, change.row.line_end)
