"""A report put into words, once for all renderings, so that they cannot disagree."""

import re

from bot.model.image import Metric
from bot.model.report import Report, Revision
from bot.report import escape
from bot.report.page import approval, image_facts, next_step, summary_table
from bot.report.page.headline import headline
from bot.report.page.image_details import fold
from bot.report.page.page_model import Foreign, Page, Phrase, sentence

_SHA = re.compile(r"[0-9a-f]{40}")
_NOTES = 20
_ONE_LINE = 140  # what GitHub takes as the description of a commit status
_DEFINITIONS = {
    Metric.UNPACKED: "unpacked: the sum of the regular files in every layer's tar",
    Metric.COMPRESSED: "compressed: what a registry stores and a client pulls",
    Metric.FILESYSTEM: "of the file system: what a container sees",
}


def make_page(report: Report) -> Page:
    """The words and rows of a report."""
    shown = image_facts.shown(report)
    ranked = image_facts.ranked(shown)
    return Page(
        outcome=report.verdict,
        headline=headline(report, ranked),
        why=sentence(next_step.why(report, ranked)),
        todo=sentence(next_step.todo(report, ranked)),
        columns=summary_table.columns(report),
        right=summary_table.number_columns(report),
        rows=summary_table.rows(report, shown),
        folds=tuple(fold(image) for image in shown),
        unchanged=tuple(image_facts.label(image) for image in report.images if image not in shown),
        foot=_foot(report),
        folded=report.mode in ("review", "audit"),
    )


def one_line(report: Report) -> str:
    """The headline as bare text, short enough for a commit status."""
    return escape.terminal(words(make_page(report).headline), _ONE_LINE)


def words(phrase: Phrase) -> str:
    """A phrase as bare text, still foreign: for places that escape by rules of their own."""
    return "".join(part if isinstance(part, str) else part.text for part in phrase)


def _foot(report: Report) -> tuple[Phrase, ...]:
    notes = [image_facts.prose(note, 500) for note in report.notes[:_NOTES]]
    return tuple(
        phrase
        for phrase in (
            _definition(report),
            _revisions(report),
            *notes,
            approval.foot(report.approval),
            _again(report),
        )
        if phrase
    )


def _definition(report: Report) -> Phrase:
    """What the sizes of the table are, by the metrics of its images' budgets."""
    used = {image.spec.budget.metric for image in report.images} or {Metric.UNPACKED}
    meanings = "; or ".join(text for metric, text in _DEFINITIONS.items() if metric in used)
    return (f"Sizes are {meanings}, in decimal units (1 MB = 1,000,000 B).",)


def _revisions(report: Report) -> Phrase:
    base, head = report.base, report.head
    if base and head:
        return ("Base ", *_revision(base), " → head ", *_revision(head), ".")
    return ("Revision ", *_revision(head), ".") if head else ()


def _revision(revision: Revision) -> Phrase:
    """The ref and the whole SHA, bare, of which GitHub makes a short link to the commit."""
    sha = revision.sha if _SHA.fullmatch(revision.sha) else Foreign(revision.sha, 64)
    return (sha,) if revision.ref == revision.sha else (Foreign(revision.ref, 100), " at ", sha)


def _again(report: Report) -> Phrase:
    return ("To see it again: ", Foreign(report.command, 400)) if report.command else ()
