"""The last line of a text: the verdict again, where a terminal has scrolled the first line away."""

from collections.abc import Sequence

from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.model.sizes import format_count
from bot.report.page import image_facts
from bot.report.page.changed_rules import HEADLINE_SUFFIX, is_gate_loosened
from bot.report.page.page_model import Phrase
from bot.report.page.several_platforms import list_entries

_PROBLEMS = {
    Outcome.FAIL: "over budget",
    Outcome.ERROR: "could not be measured",
    Outcome.WARN: "with a warning",
}


def make_closing_line(report: Report, images: Sequence[ImageReport], headline: Phrase) -> Phrase:
    """Count the images by verdict; of a report on one image, or on none, repeat the headline.

    `images` are those with a row of the table. The platforms of an image are one.
    """
    unchanged = _count(report.images) - _count(images)
    rest = f" ({unchanged} unchanged)" if unchanged else ""
    if not report.mode.covers_repository or report.since or not images:
        return (*headline, rest)
    gate = HEADLINE_SUFFIX if is_gate_loosened(report) else ""
    return (f"{_count_problems(report, images) or _count_passed(report, images)}{rest}{gate}",)


def _count_problems(report: Report, images: Sequence[ImageReport]) -> str:
    """Return `1 of 3 changed images over budget; 1 with a warning`; empty if there are none."""
    counts = [
        (_count([image for image in images if image.verdict is outcome]), text)
        for outcome, text in _PROBLEMS.items()
    ]
    parts = [(number, text) for number, text in counts if number]
    if not parts:
        return ""
    (first, text), *others = parts
    noun = _name_images(report, images)
    number = _count(images)
    of_all = "" if number == 1 else f"{first} of "
    lead = f"{of_all}{format_count(number, noun)} {text}"
    return "; ".join((lead, *(f"{number} {text}" for number, text in others)))


def _count_passed(report: Report, images: Sequence[ImageReport]) -> str:
    unchecked = [x for x in images if not any(y.result is Outcome.PASS for y in x.checks)]
    number = _count(images)
    lead, checked = format_count(number, _name_images(report, images)), number - _count(unchecked)
    if not unchecked:
        return f"{lead} within budget"
    return f"{lead}, {checked or 'none'} held against a limit"


def _count(images: Sequence[ImageReport]) -> int:
    return len(list_entries(images))


def _name_images(report: Report, images: Sequence[ImageReport]) -> str:
    is_changed = report.mode is Mode.REVIEW and all(
        image.state is not ImageState.UNCHANGED or not image_facts.is_unchanged_unbuilt(image)
        for image in images
    )
    return "changed image" if is_changed else "image"
