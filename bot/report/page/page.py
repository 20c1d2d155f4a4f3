"""The page of a report: headline, table, details and footer, once for all formats."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.model.metric import Metric
from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report, Revision
from bot.report import escape
from bot.report.page import (
    approval,
    audit_summary,
    audit_table,
    image_facts,
    next_step,
    summary_table,
)
from bot.report.page.alike_images import fold_alike, group_alike
from bot.report.page.audit_sections import make_findings, make_image_sections, make_overview
from bot.report.page.changed_rules import describe_gate_changes
from bot.report.page.closing_line import make_closing_line
from bot.report.page.common_growth import find_common_growth
from bot.report.page.headline import make_headline
from bot.report.page.headline_cause import explain_verdict
from bot.report.page.image_details import make_details
from bot.report.page.limit_list import make_limit_sections
from bot.report.page.over_budget_step import exceeds_limit
from bot.report.page.own_bases import order_images, put_base_first
from bot.report.page.page_model import (
    Details,
    Page,
    Phrase,
    Row,
    Section,
    Untrusted,
    make_sentence,
)
from bot.report.page.short_details import make_short_details
from bot.report.page.since_page import make_since_page

_SHA = re.compile(r"[0-9a-f]{40}")  # safe to print without escaping
_SHORT_SHA = 12
_MAX_NOTES = 20
_FIX_TITLE, _STEP_TITLE = "Fix", "What to do"
_STATUS_MAX_CHARACTERS = 140  # GitHub's limit for the description of a commit status
_METRIC_DEFINITIONS = {
    Metric.UNPACKED: "on disk (sum of the files in all layers)",
    Metric.COMPRESSED: "compressed (as a registry stores them and a client pulls them)",
    Metric.FILESYSTEM: "of the files visible in a container",
}


def make_page(report: Report, *, is_short: bool = False, is_folded: bool = False) -> Page:
    """Build the page of a report; a short one is for a terminal.

    A folded one has a single row, and the details of one, for images of a review that grew alike.
    """
    if report.since:
        page = make_since_page(report, report.since, _make_footer(report, is_short=is_short))
        return replace(page, closing=page.headline)
    listed = order_images(report)
    headline, why, step = _make_lead_lines(report, listed)
    is_audit = report.mode is Mode.AUDIT
    table = audit_table if is_audit else summary_table
    rows = _drop_said_reason(table.make_rows(report, listed), listed, why)
    groups = group_alike(listed, rows) if is_folded and report.mode is Mode.REVIEW else []
    details: Sequence[Details] = (
        [make_short_details(image, report, listed, step) for image in listed]
        if is_short
        else _make_all_details(report, listed, [listed[group[0]] for group in groups])
    )
    if image_facts.is_unjudged(report):
        details = [replace(part, outcome=Outcome.SKIP) for part in details]
        rows = tuple(replace(row, outcome=Outcome.SKIP) for row in rows)
    if groups:
        rows, details = fold_alike(listed, rows, details, groups)
    return Page(
        outcome=_find_outcome(report),
        headline=headline,
        why=make_sentence(why),
        next_step=make_sentence(step),
        columns=table.list_columns(report),
        number_columns=table.find_number_columns(report),
        rows=rows,
        details=tuple(details),
        unchanged=tuple(image_facts.label(image) for image in report.images if image not in listed),
        footer=_make_footer(report, is_short=is_short),
        collapsed=report.mode.covers_repository,
        gate=describe_gate_changes(report.gate_changes),
        overview=make_overview(report) if is_audit else (),
        findings=_make_findings(report, listed, is_short=is_short),
        closing=make_closing_line(report, listed, headline),
        step_title=_FIX_TITLE if _has_excess(report) else _STEP_TITLE,
    )


def _drop_said_reason(
    rows: Sequence[Row], images: Sequence[ImageReport], why: Phrase
) -> tuple[Row, ...]:
    """Return rows without a note of the only image that cannot be measured for the reason `why`."""
    text = to_plain_text(why)
    is_said = [
        image.state is ImageState.MEASURE_FAILED and image.reason == text for image in images
    ]
    if len(rows) != len(images) or sum(is_said) != 1:
        return tuple(rows)
    return tuple(
        replace(row, note=()) if is_lead else row
        for row, is_lead in zip(rows, is_said, strict=True)
    )


def _find_outcome(report: Report) -> Outcome:
    """Return the outcome of what the headline says first."""
    if image_facts.is_unjudged(report):
        return Outcome.SKIP
    # What could not be measured is worse, but what is over budget is said first.
    is_over = any(image.verdict is Outcome.FAIL for image in report.images)
    return Outcome.FAIL if is_over else report.verdict


def _has_excess(report: Report) -> bool:
    """Return True if a change exceeds a limit: only then is the next step a fix."""
    if report.mode not in (Mode.REVIEW, Mode.DIFF, Mode.MEASURE):
        return False
    # What could not be measured is worse, but what is over budget is said first.
    return any(image.verdict is Outcome.FAIL for image in report.images) or (
        report.verdict is Outcome.WARN and any(map(image_facts.exceeds_warning, report.images))
    )


def _make_findings(
    report: Report, images: Sequence[ImageReport], *, is_short: bool
) -> tuple[Section, ...]:
    exceeding = [image for image in images if exceeds_limit(image)]
    sections = make_findings(report) if report.mode is Mode.AUDIT else ()
    sections = (*make_limit_sections(report, exceeding), *sections)
    return tuple(x for x in sections if not x.collapsed) if is_short else sections


def _make_lead_lines(
    report: Report, images: Sequence[ImageReport]
) -> tuple[Phrase, Phrase, Phrase]:
    """Return the headline, its cause and the next step."""
    if report.mode is Mode.AUDIT and images:
        ranked = audit_summary.rank_images(images)
        return (
            audit_summary.make_headline(report, ranked),
            audit_summary.explain_largest(report, ranked),
            audit_summary.suggest_next_step(report, ranked),
        )
    ranked = put_base_first(image_facts.rank_images(images))
    common = find_common_growth(ranked)
    return (
        make_headline(report, ranked, common),
        explain_verdict(report, ranked, common),
        next_step.suggest_next_step(report, ranked, common),
    )


def _make_all_details(
    report: Report, images: Sequence[ImageReport], first: Sequence[ImageReport]
) -> list[Details]:
    """Build the details of images; where only some are shown, `first` has those."""
    ordered = list({image.identity: image for image in (*first, *images, *report.images)}.values())
    details = [make_details(image, ordered) for image in images]
    if report.mode is not Mode.AUDIT:
        return details
    return [
        replace(part, sections=(*part.sections, *sections))
        for part, sections in zip(details, make_image_sections(report, images), strict=True)
    ]


def render_status_line(report: Report) -> str:
    """Render the headline as plain text, short enough for a commit status."""
    return escape.terminal(to_plain_text(make_page(report).headline), _STATUS_MAX_CHARACTERS)


def to_plain_text(phrase: Phrase) -> str:
    """Return a phrase as unescaped text, for callers that escape it themselves."""
    return "".join(part if isinstance(part, str) else part.text for part in phrase)


def _make_footer(report: Report, *, is_short: bool) -> tuple[Phrase, ...]:
    notes = [image_facts.untrusted_prose(note, 500) for note in report.notes[:_MAX_NOTES]]
    # Full SHAs once: those of the command can be fetched.
    digits = _SHORT_SHA if is_short or report.reproduce_command else None
    return tuple(
        phrase
        for phrase in (
            () if is_short else _define_sizes(report),
            _describe_revisions(report, digits),
            *notes,
            approval.describe_approval(report),
            () if is_short else _describe_command(report),
        )
        if phrase
    )


def _define_sizes(report: Report) -> Phrase:
    """Define the sizes of the table, by the metrics of its images' budgets."""
    metrics = {image_facts.find_metric(image) for image in report.images} or {Metric.UNPACKED}
    texts = [text for metric, text in _METRIC_DEFINITIONS.items() if metric in metrics]
    return (f"Sizes are {', or '.join(texts)}, in decimal units (1 MB = 1,000,000 B).",)


def _describe_revisions(report: Report, digits: int | None) -> Phrase:
    base, head = report.base, report.head
    if base and head:
        old, new = _describe_revision(base, digits), _describe_revision(head, digits)
        return ("Base ", *old, " → head ", *new, ".")
    return ("Revision ", *_describe_revision(head, digits), ".") if head else ()


def _describe_revision(revision: Revision, digits: int | None) -> Phrase:
    """Return the ref and the SHA; GitHub turns a bare SHA into a link to the commit."""
    is_sha = _SHA.fullmatch(revision.sha)
    sha = revision.sha[:digits] if is_sha else Untrusted(revision.sha, 64)
    return (sha,) if revision.ref == revision.sha else (Untrusted(revision.ref, 100), " at ", sha)


def _describe_command(report: Report) -> Phrase:
    return (
        ("Reproduce: ", Untrusted(report.reproduce_command, 400))
        if report.reproduce_command
        else ()
    )
