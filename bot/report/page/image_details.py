"""What is folded under each image, most telling first."""

from collections.abc import Iterator

from bot.model.report import Check, ImageReport, ImageState, Outcome
from bot.model.sizes import format_change, format_limit, format_percent, format_size
from bot.model.suggestion import Edit, Suggestion
from bot.report.page import image_facts, next_step
from bot.report.page.changes_section import make_changes_sections
from bot.report.page.files_section import make_files_sections
from bot.report.page.layers_section import make_layers_section
from bot.report.page.page_model import (
    Block,
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
from bot.report.page.summary_table import format_growth

_MAX_LOG_LINES = 40
_MAX_REWRITE_LINES = 200
_MAX_NOTES = 20
_NO_HEAD_TEXT = {
    ImageState.HEAD_BUILD_FAILED: "does not build",
    ImageState.MEASURE_FAILED: "could not be measured",
    ImageState.REMOVED: "removed",
}


def make_details(image: ImageReport) -> Details:
    """All that is said of one image."""
    sections = (
        *_make_log_section(image),
        *make_changes_sections(image),
        *_make_suggestions_sections(image),
        *_make_checks_section(image),
        *make_sizes_section(image),
        *make_layers_section(image),
        *make_files_sections(image),
        *_make_notes_section(image),
    )
    return Details(
        image.verdict, (image_facts.label(image), ": ", *_summarize_image(image)), sections
    )


def _summarize_image(image: ImageReport) -> Phrase:
    if image.comparison.delta:
        return format_growth(image)
    head = image_facts.head_size(image)
    if head is None:
        return (_NO_HEAD_TEXT.get(image.state, "not measured"),)
    new = "new, " if image.state is ImageState.NEW else ""
    return (new + image_facts.format_image_size(image, head),)


def _make_suggestions_sections(image: ImageReport) -> list[Section]:
    ordered = sorted(image.suggestions, key=lambda one: -(one.saving_bytes or 0))
    lines = [
        Line(
            (
                *next_step.describe_suggestion(one),
                ". ",
                *image_facts.untrusted_prose(one.message, 1000),
            )
        )
        for one in ordered
    ]
    sections = [Section("Suggestions", KeepPriority.SUGGESTIONS, tuple(lines))] if lines else []
    before = image.comparison.head.unpacked_bytes if image.comparison.head else None
    return sections + [section for one in ordered for section in _make_rewrite_section(one, before)]


def _make_rewrite_section(suggestion: Suggestion, size_before: int | None) -> list[Section]:
    """The new text itself, whole, for copying, with what was done to prove it; a whole file is folded."""
    rule, blocks = Untrusted(suggestion.rule, 60), list(_format_proof(suggestion, size_before))
    for edit in suggestion.edits:
        blocks += _format_edit(rule, edit)
    if not suggestion.dockerfile:
        title = "The suggestion written out"
        return [Section(title, KeepPriority.REWRITE, tuple(blocks))] if blocks else []
    blocks = [
        Line((rule, ", the whole Dockerfile:")),
        _make_listing(suggestion.dockerfile),
        *blocks,
    ]
    proof = " and its proof" if suggestion.verification else ""
    title = f"The whole Dockerfile{proof}{_format_sizes(suggestion, size_before)}"
    return [Section(title, KeepPriority.REWRITE, tuple(blocks), collapsed=True)]


def _format_edit(rule: Untrusted, edit: Edit) -> Iterator[Block]:
    """What is to be done with some lines; a deletion has nothing to copy."""
    if not edit.replacement:
        yield Line((rule, f", delete {image_facts.format_lines(edit.line_start, edit.line_end)}."))
        return
    yield Line((rule, f", instead of {image_facts.format_lines(edit.line_start, edit.line_end)}:"))
    yield _make_listing(edit.replacement)


def _format_sizes(suggestion: Suggestion, size_before: int | None) -> str:
    """The sizes before and after where both were measured."""
    after = suggestion.verification.unpacked_bytes if suggestion.verification else None
    if size_before is None or after is None:
        return ""
    return f": {format_size(size_before)} → {format_size(after)}"


def _format_proof(suggestion: Suggestion, size_before: int | None) -> Iterator[Block]:
    """The sizes before and after, and each step of the proof in a line of its own."""
    proof = suggestion.verification
    if proof is None:
        return
    rule, after = Untrusted(suggestion.rule, 60), proof.unpacked_bytes
    if size_before is not None and after is not None:
        share = format_percent(after - size_before, size_before) or ""
        known = next_step.describe_confidence(suggestion)
        yield Line((rule, f"{_format_sizes(suggestion, size_before)} ({share}), {known}."))
    if proof.log:
        yield _make_listing(proof.log)


def _make_listing(text: str) -> Listing:
    lines = text.splitlines()
    cut = ("…",) if len(lines) > _MAX_REWRITE_LINES else ()
    return Listing((*lines[:_MAX_REWRITE_LINES], *cut))


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
    grows = check.name == "max-growth"
    show = format_change if grows else format_size
    observed = "—" if check.observed is None else show(check.observed)
    limit = "—" if check.limit is None else ("+" if grows else "") + format_limit(check.limit)
    metric = check.metric.removesuffix("_bytes")
    result = "not judged" if check.result is Outcome.SKIP else check.result.value
    reason: Phrase = (": ", *image_facts.untrusted_prose(check.reason)) if check.reason else ()
    return (
        (Untrusted(check.name), ", ", Untrusted(metric)),
        (observed,),
        (limit,),
        (result, *reason),
    )


def _make_log_section(image: ImageReport) -> list[Section]:
    if not image.log:
        return []
    whose = "base's " if image.state is ImageState.BASE_BUILD_FAILED else ""
    title = f"Last lines of the {whose}build log"
    return [Section(title, KeepPriority.LOG, (Listing(image.log[-_MAX_LOG_LINES:]),))]


def _make_notes_section(image: ImageReport) -> list[Section]:
    said = [*([image.reason] if image.reason and not image.log else []), *image.notes]
    lines = tuple(Line(image_facts.untrusted_prose(note, 500)) for note in said[:_MAX_NOTES])
    return [Section("Notes", KeepPriority.NOTES, lines)] if lines else []
