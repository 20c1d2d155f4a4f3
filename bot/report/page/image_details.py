"""What is folded under each image, most telling first."""

from collections.abc import Iterator

from bot.model.report import Check, ImageReport, Outcome, State
from bot.model.sizes import show_change, show_limit, show_percent, show_size
from bot.model.suggestion import Edit, Suggestion
from bot.report.page import image_facts, next_step
from bot.report.page.changes_section import what_changed
from bot.report.page.files_section import contents
from bot.report.page.layers_section import layers
from bot.report.page.page_model import (
    Block,
    Fold,
    Foreign,
    Line,
    Listing,
    Phrase,
    Section,
    Table,
    Worth,
)
from bot.report.page.sizes_section import sizes
from bot.report.page.summary_table import change

_LOG_LINES = 40
_REWRITE_LINES = 200
_NOTES = 20
_NO_HEAD = {
    State.HEAD_BUILD_FAILED: "does not build",
    State.MEASURE_FAILED: "could not be measured",
    State.REMOVED: "removed",
}


def fold(image: ImageReport) -> Fold:
    """All that is said of one image."""
    sections = (
        *_log(image),
        *what_changed(image),
        *_suggestions(image),
        *_checks(image),
        *sizes(image),
        *layers(image),
        *contents(image),
        *_notes(image),
    )
    return Fold(image.verdict, (image_facts.label(image), ": ", *_gist(image)), sections)


def _gist(image: ImageReport) -> Phrase:
    if image.comparison.delta:
        return change(image)
    head = image_facts.after(image)
    if head is None:
        return (_NO_HEAD.get(image.state, "not measured"),)
    new = "new, " if image.state is State.NEW else ""
    return (new + image_facts.size(image, head),)


def _suggestions(image: ImageReport) -> list[Section]:
    ordered = sorted(image.suggestions, key=lambda one: -(one.saving_bytes or 0))
    lines = [
        Line((*next_step.offer(one), ". ", *image_facts.prose(one.message, 1000)))
        for one in ordered
    ]
    sections = [Section("Suggestions", Worth.SUGGESTIONS, tuple(lines))] if lines else []
    before = image.comparison.head.unpacked_bytes if image.comparison.head else None
    return sections + [section for one in ordered for section in _rewrite(one, before)]


def _rewrite(suggestion: Suggestion, before: int | None) -> list[Section]:
    """The new text itself, whole, for copying, with what was done to prove it; a whole file is folded."""
    rule, blocks = Foreign(suggestion.rule, 60), list(_proof(suggestion, before))
    for edit in suggestion.edits:
        blocks += _edit(rule, edit)
    if not suggestion.dockerfile:
        title = "The suggestion written out"
        return [Section(title, Worth.REWRITE, tuple(blocks))] if blocks else []
    blocks = [Line((rule, ", the whole Dockerfile:")), _listing(suggestion.dockerfile), *blocks]
    proof = " and its proof" if suggestion.verification else ""
    title = f"The whole Dockerfile{proof}{_sizes(suggestion, before)}"
    return [Section(title, Worth.REWRITE, tuple(blocks), folded=True)]


def _edit(rule: Foreign, edit: Edit) -> Iterator[Block]:
    """What is to be done with some lines; a deletion has nothing to copy."""
    if not edit.replacement:
        yield Line((rule, f", delete {image_facts.lines(edit.line_start, edit.line_end)}."))
        return
    yield Line((rule, f", instead of {image_facts.lines(edit.line_start, edit.line_end)}:"))
    yield _listing(edit.replacement)


def _sizes(suggestion: Suggestion, before: int | None) -> str:
    """The sizes before and after where both were measured."""
    after = suggestion.verification.unpacked_bytes if suggestion.verification else None
    if before is None or after is None:
        return ""
    return f": {show_size(before)} → {show_size(after)}"


def _proof(suggestion: Suggestion, before: int | None) -> Iterator[Block]:
    """The sizes before and after, and each step of the proof in a line of its own."""
    proof = suggestion.verification
    if proof is None:
        return
    rule, after = Foreign(suggestion.rule, 60), proof.unpacked_bytes
    if before is not None and after is not None:
        share = show_percent(after - before, before) or ""
        known = next_step.how_known(suggestion)
        yield Line((rule, f"{_sizes(suggestion, before)} ({share}), {known}."))
    if proof.log:
        yield _listing(proof.log)


def _listing(text: str) -> Listing:
    lines = text.splitlines()
    cut = ("…",) if len(lines) > _REWRITE_LINES else ()
    return Listing((*lines[:_REWRITE_LINES], *cut))


def _checks(image: ImageReport) -> list[Section]:
    if not image.checks:
        return []
    table = Table(
        ("check", "observed", "limit", "result"),
        tuple(_check(check) for check in image.checks),
        frozenset({1, 2}),
    )
    return [Section("Checks", Worth.CHECKS, (table,))]


def _check(check: Check) -> tuple[Phrase, ...]:
    grows = check.name == "max-growth"
    show = show_change if grows else show_size
    observed = "—" if check.observed is None else show(check.observed)
    limit = "—" if check.limit is None else ("+" if grows else "") + show_limit(check.limit)
    metric = check.metric.removesuffix("_bytes")
    result = "not judged" if check.result is Outcome.SKIP else check.result.value
    reason: Phrase = (": ", *image_facts.prose(check.reason)) if check.reason else ()
    return (Foreign(check.name), ", ", Foreign(metric)), (observed,), (limit,), (result, *reason)


def _log(image: ImageReport) -> list[Section]:
    if not image.log:
        return []
    whose = "base's " if image.state is State.BASE_BUILD_FAILED else ""
    title = f"Last lines of the {whose}build log"
    return [Section(title, Worth.LOG, (Listing(image.log[-_LOG_LINES:]),))]


def _notes(image: ImageReport) -> list[Section]:
    said = [*([image.reason] if image.reason and not image.log else []), *image.notes]
    lines = tuple(Line(image_facts.prose(note, 500)) for note in said[:_NOTES])
    return [Section("Notes", Worth.NOTES, lines)] if lines else []
