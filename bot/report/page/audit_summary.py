"""The three lines at the top of an audit: all images, the largest one, what to do first."""

from collections.abc import Iterable, Sequence

from bot.audit.totals import count_totals
from bot.model.report import ImageReport, Outcome, Report
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts, next_step
from bot.report.page.failure_fixes import suggest_measuring
from bot.report.page.headline_cause import explain_verdict
from bot.report.page.limit_words import format_check_limit
from bot.report.page.over_budget_step import exceeds_limit
from bot.report.page.page_model import Phrase, join_phrases, join_sentences

_MAX_NAMES = 2
# An image that could not be measured says nothing of the others: it comes last.
_RANK = (Outcome.FAIL, Outcome.WARN, Outcome.PASS, Outcome.ERROR)


def rank_images(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Sort by verdict, over budget first; the first image is the one that the lines are about."""
    return sorted(images, key=lambda image: _RANK.index(Outcome.worst([image.verdict])))


def make_headline(report: Report, ranked: Sequence[ImageReport]) -> Phrase:
    """Return the totals, and how many images need attention."""
    totals = count_totals(report.images)
    measured = [image for image in ranked if image.comparison.head]
    if not measured:
        return (*_name_images(ranked), " could not be measured")
    at_least = "at least " if totals.images_lacking_contents else ""
    number, total = format_count(totals.images, "image"), format_size(totals.unpacked_bytes)
    size = f"{number}, {at_least}{total}"
    if len(measured) == 1:
        size = image_facts.format_image_size(measured[0], image_facts.head_size(measured[0]) or 0)
        start: Phrase = (image_facts.label(measured[0]), f" is {at_least}{size}")
    elif totals.unpacked_bytes_unique < totals.unpacked_bytes:
        unique = format_size(totals.unpacked_bytes_unique)
        start = (f"{size} ({unique} with shared layers once)",)
    else:
        start = (size,)
    saving = f"at least {format_size(totals.saving_bytes)} can be saved"
    parts = [start, *([(saving,)] if totals.saving_bytes else []), *_describe_verdicts(ranked)]
    return join_phrases(parts, "; ")


def explain_largest(report: Report, ranked: Sequence[ImageReport]) -> Phrase:
    """Say what the largest part is of the largest image, or of the worst over budget."""
    reason = explain_verdict(report, ranked)
    size = image_facts.head_size(ranked[0]) if ranked else None
    if size is None:
        return reason
    text = image_facts.format_image_size(ranked[0], size)
    at_least = "at least " if ranked[0].lacks_contents else ""
    return (image_facts.label(ranked[0]), f" is {at_least}{text}: ", *reason)


def suggest_next_step(report: Report, ranked: Sequence[ImageReport]) -> Phrase:
    """Return the largest saving, and how to measure what was not measured."""
    step = next_step.suggest_next_step(report, ranked)
    # What is over budget has these sentences already, and an image without a size is the first.
    if not ranked or exceeds_limit(ranked[0]) or ranked[0].verdict is Outcome.ERROR:
        return step
    return join_sentences([step, *suggest_measuring(ranked, report.reproduce_command)])


def _describe_verdicts(ranked: Sequence[ImageReport]) -> list[Phrase]:
    over = [image for image in ranked if image.verdict is Outcome.FAIL]
    warning = [image for image in ranked if image.verdict is Outcome.WARN]
    broken = sum(image.verdict is Outcome.ERROR for image in ranked)
    phrases: list[Phrase] = []
    if over:
        limit = _format_limit(over[0]) if len(over) == 1 else ""
        phrases.append((f"{len(over)} over budget: ", *_name_images(over), limit))
    if warning:
        phrases.append((f"{format_count(len(warning), 'warning')}: ", *_name_images(warning)))
    if broken:
        phrases.append((f"{broken} could not be measured",))
    if phrases:
        return phrases
    has_limits = any(image.checks for image in ranked)
    return [("all within budget" if has_limits else "no limit is set",)]


def _name_images(images: Sequence[ImageReport]) -> Phrase:
    rest = len(images) - _MAX_NAMES
    names: list[Phrase] = [(image_facts.label(image),) for image in images[:_MAX_NAMES]]
    return (*join_phrases(names, ", "), f" and {rest} more" if rest > 0 else "")


def _format_limit(image: ImageReport) -> str:
    checks = image_facts.deciding_checks(image)
    limits = [format_check_limit(check) for check in checks if check.limit is not None]
    return f" (limit: {limits[0]})" if limits else ""
