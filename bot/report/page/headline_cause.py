"""The second line of the page: the largest cause of what the headline says."""

from collections.abc import Sequence

from bot.model.report import (
    ImageReport,
    ImageState,
    Mode,
    Outcome,
    Report,
)
from bot.model.spec import ContextSource
from bot.report.page import causes, image_facts
from bot.report.page.base_names import locate_base
from bot.report.page.build_failures import explain_failure
from bot.report.page.common_growth import CommonGrowth
from bot.report.page.common_growth_words import explain_common_growth
from bot.report.page.earlier_state import describe_earlier_state
from bot.report.page.layer_causes import explain_layer_excess
from bot.report.page.old_debt import describe_paid_debt
from bot.report.page.page_model import Phrase, Untrusted
from bot.report.page.pull_causes import explain_pull_excess

_FAILED_STATES = (
    ImageState.HEAD_BUILD_FAILED,
    ImageState.MEASURE_FAILED,
    ImageState.BASE_BUILD_FAILED,
)
_UNCHANGED_TEXT = "nothing that goes into it differs between the two revisions"
_DROPPED_SUFFIX = "; once this is merged, it is no longer reviewed"


def explain_verdict(
    report: Report, images: Sequence[ImageReport], common: CommonGrowth | None = None
) -> Phrase:
    """Name the largest cause of what the headline says; `common` is what most images share."""
    if not images:
        return _explain_no_images(report)
    if common:
        return explain_common_growth(common)
    return (*_explain_lead(report, images[0]), *_name_inferred_context(images[0]))


def _name_inferred_context(lead: ImageReport) -> Phrase:
    """Name a context that nobody declares, and that is not the folder of the Dockerfile."""
    if lead.spec.context_source is not ContextSource.INFERRED:
        return ()
    folder = lead.spec.context
    name: Phrase = ("the root",) if folder == "." else (Untrusted(folder, 120),)
    return ("; its build context is inferred: ", *name)


def _explain_lead(report: Report, lead: ImageReport) -> Phrase:
    if lead.state in _FAILED_STATES:
        return explain_failure(lead, locate_base(report))
    if excess := explain_pull_excess(lead) or explain_layer_excess(lead):
        return excess
    if image_facts.is_unchanged_unbuilt(lead):
        return (_UNCHANGED_TEXT, _DROPPED_SUFFIX if lead.is_dropped else "")
    if lead.comparison.head is None:
        removed = lead.state is ImageState.REMOVED
        return _explain_removal(lead) if removed else _explain_suggestion(lead)
    if _is_about_size(lead, report.mode):
        return causes.explain_size(lead)
    return (*causes.explain_change(lead), *describe_earlier_state(lead))


def _explain_removal(image: ImageReport) -> Phrase:
    if image.reason:
        return image_facts.untrusted_prose(image.reason)
    return ("its Dockerfile was deleted, or is no longer configured",)


def _is_about_size(image: ImageReport, mode: Mode) -> bool:
    """Return True if the size needs explaining rather than its change."""
    if image.comparison.delta is None or not mode.has_two_sides:
        return True
    # A limit that base exceeded already warns: its cause is older than this change.
    deciding = image_facts.deciding_checks(image)
    is_old = bool(deciding) and all(check.name == "max-size" for check in deciding)
    return image.verdict is Outcome.WARN and is_old and not describe_paid_debt(image)


def _explain_no_images(report: Report) -> Phrase:
    if not report.images:
        return ("no Dockerfile was configured or discovered",)
    if report.is_of_one_commit:
        return ("the revision to compare with is the head itself",)
    return ("nothing that goes into an image differs between the two revisions",)


def _explain_suggestion(image: ImageReport) -> Phrase:
    """Return the message of the best suggestion, for an image that was not measured."""
    best = image_facts.find_best_suggestion([image])
    return image_facts.untrusted_prose(best[1].message) if best else ("no rule applies to it",)
