"""The details of one image that a short text has: what changed, and the best suggestion.

The same report has the rest with `--details`, and in the other formats.
"""

from collections.abc import Iterator, Sequence

from bot.model.report import ImageReport, Mode, Report
from bot.model.suggestion import Suggestion
from bot.report.page import image_facts
from bot.report.page.changes_section import make_short_changes
from bot.report.page.image_details import (
    make_log_section,
    make_notes_section,
    make_title,
)
from bot.report.page.layers_section import make_short_layers
from bot.report.page.login_lines import make_login_section
from bot.report.page.page_model import Details, KeepPriority, Line, Phrase, Section
from bot.report.page.sizes_section import make_sizes_section
from bot.report.page.small_sizes import is_small
from bot.report.page.suggestion_words import describe_suggestion
from bot.report.page.suggestions_section import (
    SUGGESTIONS_TITLE,
    list_shown_suggestions,
    make_suggestions_sections,
)

_MAX_LOG_LINES = 12


def make_short_details(
    image: ImageReport, report: Report, images: Sequence[ImageReport], step: Phrase
) -> Details:
    """Build the sections of one image; `step` is the next step, which is not said again.

    `images` are those with details.
    """
    sections = [*make_login_section(image), *make_log_section(image, _MAX_LOG_LINES)]
    match report.mode:
        case Mode.AUDIT:
            pass  # the table and the savings, which are about all images, say enough
        case Mode.ADVISE:
            sections += [*_make_advice_sections(image), *make_notes_section(image, report.images)]
        case _:
            sections += _make_change_sections(image, report.mode)
            sections += _make_best_suggestion(image, step if len(images) == 1 else ())
            if report.mode is not Mode.REVIEW or not image_facts.is_passing(image):
                sections += make_notes_section(image, report.images)
    return Details(image.verdict, make_title(image), tuple(sections))


def _make_change_sections(image: ImageReport, mode: Mode) -> Iterator[Section]:
    yield from make_short_changes(image)
    if image.comparison.base is None:
        yield from make_short_layers(image)
    if mode is Mode.MEASURE:
        yield from make_sizes_section(image)


def _make_advice_sections(image: ImageReport) -> Iterator[Section]:
    """Yield all suggestions with their edits, but for full Dockerfiles and logs of proofs."""
    for section in make_suggestions_sections(image):
        if not section.collapsed:
            yield section
    if any(suggestion.dockerfile for suggestion in image.suggestions):
        line = Line(("The full Dockerfile is in the details; --verify --write FILE saves it.",))
        yield Section("Full Dockerfile", KeepPriority.REWRITE, (line,))


def _make_best_suggestion(image: ImageReport, step: Phrase) -> list[Section]:
    large = [x for x in list_shown_suggestions(image) if not _saves_little(x, image)]
    if not large:
        return []
    best = describe_suggestion(large[0])
    rest = len(list_shown_suggestions(image)) - 1
    others = f"{rest} more in the details." if rest else ""
    phrase = (others,) if best[0] in step else (*best, f". {others}")
    if phrase == ("",):
        return []
    return [Section(SUGGESTIONS_TITLE, KeepPriority.SUGGESTIONS, (Line(phrase),))]


def _saves_little(suggestion: Suggestion, image: ImageReport) -> bool:
    head = image.comparison.head
    saving = suggestion.saving_bytes
    return saving is not None and head is not None and is_small(saving, head.unpacked_bytes)
