"""The details of one image, the most useful section first."""

from collections.abc import Sequence

from bot.model.metric import Metric
from bot.model.report import MAX_LAYERS, MAX_WASTE, Check, ImageReport, ImageState, Outcome
from bot.report.page import image_facts
from bot.report.page.changes_section import make_changes_sections
from bot.report.page.files_section import make_files_sections
from bot.report.page.layers_section import make_layers_section
from bot.report.page.limit_words import format_check_numbers
from bot.report.page.login_lines import make_login_section
from bot.report.page.own_bases import list_relations
from bot.report.page.page_model import (
    Details,
    KeepPriority,
    Line,
    Listing,
    Phrase,
    Section,
    Table,
    Untrusted,
)
from bot.report.page.sizes_section import make_sizes_section
from bot.report.page.suggestions_section import make_suggestions_sections
from bot.report.page.summary_table import format_growth
from bot.report.page.trend_section import make_trend_section

_MAX_LOG_LINES = 40
_MAX_NOTES = 20
_METRIC_TEXT = {
    Metric.UNPACKED: "size on disk",
    Metric.COMPRESSED: "compressed size",
    Metric.FILESYSTEM: "size visible in the container",
    Metric.PULL: "download",
}
_LAYERS_TEXT = {
    MAX_WASTE: "hidden bytes of this Dockerfile's layers",
    MAX_LAYERS: "number of layers",
}
_NO_HEAD_TEXT = {
    ImageState.HEAD_BUILD_FAILED: "does not build",
    ImageState.MEASURE_FAILED: "could not be measured",
    ImageState.REMOVED: "removed",
}


def make_details(image: ImageReport, images: Sequence[ImageReport] = ()) -> Details:
    """Build all sections of one image; `images` are all of its report."""
    sections = (
        *make_login_section(image),
        *make_log_section(image),
        *make_changes_sections(image),
        *make_suggestions_sections(image, images),
        *_make_checks_section(image),
        *make_trend_section(image),
        *make_sizes_section(image),
        *make_layers_section(image),
        *make_files_sections(image),
        *make_notes_section(image, images),
    )
    return Details(image.verdict, make_title(image), sections)


def make_title(image: ImageReport) -> Phrase:
    """Return the name of an image, with its growth or its size."""
    return (image_facts.label(image), ": ", *_summarize_image(image))


def _summarize_image(image: ImageReport) -> Phrase:
    if image.comparison.delta:
        return format_growth(image)
    head = image_facts.head_size(image)
    if head is None:
        return (_NO_HEAD_TEXT.get(image.state, "not measured"),)
    new = "new, " if image.state is ImageState.NEW else ""
    at_least = "at least " if image.lacks_contents else ""
    return (new + at_least + image_facts.format_image_size(image, head),)


def _make_checks_section(image: ImageReport) -> list[Section]:
    if not image.checks:
        return []
    table = Table(
        ("check", "observed", "limit", "result"),
        tuple(_format_check_row(check) for check in image.checks),
        frozenset({1, 2}),
    )
    return [Section("Checks", KeepPriority.CHECKS, (table,))]


def _format_check_row(check: Check) -> tuple[Phrase, ...]:
    observed, limit = format_check_numbers(check)
    result = "not checked" if check.result is Outcome.SKIP else check.result.value
    reason: Phrase = (": ", *image_facts.untrusted_prose(check.reason)) if check.reason else ()
    return (
        (Untrusted(check.name), ", ", _LAYERS_TEXT.get(check.name, _METRIC_TEXT[check.metric])),
        (observed,),
        (limit,),
        (result, *reason),
    )


def make_log_section(image: ImageReport, most: int = _MAX_LOG_LINES) -> list[Section]:
    """Show the last lines of a build that failed, at most so many."""
    if not image.log:
        return []
    side = ", before this change" if image.state is ImageState.BASE_BUILD_FAILED else ""
    title = f"Last lines of the build log{side}"
    return [Section(title, KeepPriority.LOG, (Listing(image.log[-most:]),))]


def make_notes_section(image: ImageReport, images: Sequence[ImageReport]) -> list[Section]:
    """List what is to be known about an image; `images` are all of its report."""
    # The row and the second line have the reason for which there is no size.
    is_said = bool(image.log) or image.state is ImageState.MEASURE_FAILED
    notes = [*([image.reason] if image.reason and not is_said else []), *image.notes]
    lines = (
        *map(Line, list_relations(image, images)),
        *(Line(image_facts.untrusted_prose(note, 500)) for note in notes[:_MAX_NOTES]),
    )
    return [Section("Notes", KeepPriority.NOTES, lines)] if lines else []
