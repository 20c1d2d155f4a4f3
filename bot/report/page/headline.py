"""The first line of the page: the verdict and its reason, for readers who read nothing else."""

from collections.abc import Sequence

from bot.model.report import ImageReport, ImageState, Mode, Outcome, Report
from bot.model.sizes import format_count, format_size
from bot.report.page import image_facts
from bot.report.page.base_names import describe_same_commit, locate_base
from bot.report.page.changed_rules import (
    HEADLINE_SUFFIX,
    describe_dropped,
    is_gate_loosened,
)
from bot.report.page.common_growth import CommonGrowth
from bot.report.page.common_growth_words import describe_common_growth
from bot.report.page.large_downloads import describe_large_downloads
from bot.report.page.limit_words import format_image_limit
from bot.report.page.named_causes import is_stopped_in_time
from bot.report.page.old_debt import describe_paid_debt
from bot.report.page.own_bases import describe_users, join_names, list_grown_users
from bot.report.page.page_model import Phrase, Untrusted, join_phrases
from bot.report.page.pull_causes import describe_excess
from bot.report.page.several_platforms import list_entries, name_images

_MAX_NAMES = 3
_UNMEASURED_TEXT = {
    ImageState.HEAD_BUILD_FAILED: " does not build",
    ImageState.MEASURE_FAILED: " could not be measured",
    ImageState.UNCHANGED: " is unchanged",
}

_LATE_TEXT = " was not built within its time limit"
_FAILS_ALIKE_TEXT = " does not build, as before this change"

_ONE_SIDED_TEXT = {
    ImageState.NEW: " is new, at {}",
    ImageState.NO_BASELINE: " is {}, with nothing to compare it with",
}


def make_headline(
    report: Report, images: Sequence[ImageReport], common: CommonGrowth | None = None
) -> Phrase:
    """Return the verdict and its reason.

    The first of `images` is the one that is named, unless most share a growth: `common`.
    """
    headline = (*_make_images_headline(report, images, common), *describe_large_downloads(images))
    # An image that is over its budget says enough.
    if is_gate_loosened(report) and report.images_verdict is Outcome.PASS:
        return (*headline, HEADLINE_SUFFIX)
    if report.is_of_one_commit and images and report.images_verdict is Outcome.PASS:
        return (*headline, "; ", *describe_same_commit(report))
    return headline


def _make_images_headline(
    report: Report, images: Sequence[ImageReport], common: CommonGrowth | None
) -> Phrase:
    if not images and report.is_of_one_commit:
        return ("Nothing was compared: ", *describe_same_commit(report))
    if not images:
        return ("No image changed",) if report.images else ("There is no image to review",)
    makers = {
        Mode.MEASURE: _make_measure_headline,
        Mode.DIFF: _make_diff_headline,
        Mode.ADVISE: _make_advise_headline,
    }
    # An error comes first in every mode: without a size nothing else can be said.
    is_review = report.mode not in makers or _is_judged_diff(report)
    if report.verdict is Outcome.ERROR or is_review:
        if _is_growth_unknown(images[0]):
            return _make_unknown_growth_headline(report, images)
        if common:
            return _make_common_headline(images, common)
        return _make_review_headline(report.images_verdict, images)
    return makers[report.mode](images)


def _is_judged_diff(report: Report) -> bool:
    return report.mode is Mode.DIFF and not image_facts.is_unjudged(report)


def _make_review_headline(verdict: Outcome, images: Sequence[ImageReport]) -> Phrase:
    makers = {
        Outcome.ERROR: _make_error_headline,
        Outcome.FAIL: _make_fail_headline,
        Outcome.WARN: _make_warn_headline,
    }
    return makers.get(verdict, _make_pass_headline)(images)


def _is_growth_unknown(image: ImageReport) -> bool:
    is_base_broken = image.state is ImageState.BASE_BUILD_FAILED
    return is_base_broken and image.verdict in (Outcome.ERROR, Outcome.WARN)


def _make_unknown_growth_headline(report: Report, images: Sequence[ImageReport]) -> Phrase:
    lead, similar = images[0], _count_same_verdict(images)
    is_error = lead.verdict is Outcome.ERROR
    ending = "could not be measured" if is_error else "with a warning"
    return (
        "Could not be measured: " if is_error else "",
        image_facts.label(lead),
        ": growth unknown, because it does not build",
        *locate_base(report),
        f"; {format_count(similar, 'more image')} {ending}" if similar else "",
    )


def _make_error_headline(images: Sequence[ImageReport]) -> Phrase:
    if images[0].verdict is Outcome.FAIL:
        return _make_fail_headline(images)
    lead, similar = images[0], _count_same_verdict(images)
    return (
        "Could not be measured: ",
        image_facts.label(lead),
        _describe_error(lead),
        f"; {format_count(similar, 'more image')} could not be measured" if similar else "",
    )


def _describe_error(image: ImageReport) -> str:
    """Describe what failed; the headline already says that the image was not measured."""
    if image.state is ImageState.MEASURE_FAILED:
        return ""
    return _LATE_TEXT if is_stopped_in_time(image) else _UNMEASURED_TEXT.get(image.state, "")


def _make_fail_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, users = images[0], list_grown_users(images[0], images)
    entry = image_facts.identify_entry(lead)
    others = [x for x in images[1:] if x.verdict is lead.verdict and x not in users]
    platforms = [x for x in others if image_facts.identify_entry(x) == entry]
    others = [image for image in others if image not in platforms]
    return (
        "Over budget: ",
        image_facts.label(lead),
        *(describe_excess(lead) or (*describe_change(lead), *_describe_limits(lead))),
        *_describe_platforms(platforms),
        *describe_users(users),
        *_name_others(others),
        *_describe_unmeasured(images),
    )


def _describe_platforms(images: Sequence[ImageReport]) -> Phrase:
    """Name the other platforms of an image that are over budget as well."""
    platforms = [Untrusted(image.spec.platform or "", 64) for image in images]
    return ("; over budget on ", *join_names(platforms, _MAX_NAMES), ", too") if images else ()


def _name_others(images: Sequence[ImageReport]) -> Phrase:
    """Count the other images over budget, and name them if they are few."""
    if not images:
        return ()
    names = name_images(images)
    count = f"; {format_count(len(names), 'more image')} over budget"
    is_short = len(names) <= _MAX_NAMES
    return (count, ": ", *join_names(names, _MAX_NAMES)) if is_short else (count,)


def _make_common_headline(images: Sequence[ImageReport], common: CommonGrowth) -> Phrase:
    """Describe what images have in common, with their limits where these are the same."""
    all_limits = {_describe_limits(image) for image in common.images[: common.alike]}
    limits = all_limits.pop() if len(all_limits) == 1 else ()
    grown = (*describe_common_growth(common), *limits)
    if images[0].verdict is Outcome.FAIL:
        rest = (*_name_others(common.others), *_describe_unmeasured(images))
        if common.is_of_one_verdict:
            return ("Over budget: ", *grown, *rest)
        return ("Over budget: ", *_describe_part(common, limits), *rest)
    is_limited = all(image.checks for image in common.images)
    uncommon = len(list_entries(images)) - len(list_entries(common.images))
    changed = f"; {format_count(uncommon, 'more image')} changed" if uncommon else ""
    return ("Within budget: " if is_limited else "", *grown, changed)


def _describe_part(common: CommonGrowth, limits: Phrase) -> Phrase:
    """Describe what images have in common of which some are over budget, with their limits."""
    if len(list_entries(common.images)) == 1:
        return describe_common_growth(common, (), (f"; {common.alike} over budget", *limits))
    number = len(list_entries(common.images[: common.alike]))
    return describe_common_growth(common, (f"{number:,} of ",), limits)


def _describe_unmeasured(images: Sequence[ImageReport]) -> Phrase:
    """Count the images that could not be measured, or name the only one."""
    unmeasured = [image for image in images if image.verdict is Outcome.ERROR]
    if not unmeasured:
        return ()
    name = image_facts.label(unmeasured[0])
    subject = name if len(unmeasured) == 1 else format_count(len(unmeasured), "image")
    return ("; ", subject, " could not be measured")


def _make_warn_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, similar = images[0], _count_same_verdict(images)
    others = f"; {format_count(similar, 'more image')} with a warning" if similar else ""
    if lead.state is ImageState.HEAD_BUILD_FAILED:
        return (image_facts.label(lead), _FAILS_ALIKE_TEXT, others)
    if lead.state is ImageState.MEASURE_FAILED:
        return (image_facts.label(lead), _UNMEASURED_TEXT[lead.state], others)
    if lead.is_dropped and image_facts.is_unchanged_unbuilt(lead) and not lead.checks:
        verb = " was " if lead.renamed_from else " is "
        dropped = describe_dropped(lead)
        return (image_facts.label(lead), verb, *dropped, "; it is unchanged here", others)
    return (*_make_warning(lead), others)


def _make_warning(lead: ImageReport) -> Phrase:
    if debt := describe_paid_debt(lead):
        return (image_facts.label(lead), *debt)
    reasons = [
        image_facts.untrusted_prose(check.reason) for check in image_facts.deciding_checks(lead)
    ]
    if lead.is_dropped:
        reasons.append(describe_dropped(lead))
    because: Phrase = (": ", *join_phrases(reasons, "; ")) if reasons else ()
    size_only = not image_facts.exceeds_warning(lead)
    return (image_facts.label(lead), *describe_change(lead, size_only=size_only), *because)


def _make_pass_headline(images: Sequence[ImageReport]) -> Phrase:
    lead, users = images[0], list_grown_users(images[0], images)
    others = len(images) - 1 - len(users)
    grew = (image_facts.growth(lead) or 0) > 0
    # "Within budget" only where a limit was checked.
    has_passed = any(check.result is Outcome.PASS for check in lead.checks)
    return (
        "Within budget: " if grew and has_passed else "",
        image_facts.label(lead),
        *describe_change(lead),
        *(_describe_limits(lead) if grew or lead.state is ImageState.NEW else ()),
        *describe_users(users),
        f"; {format_count(others, 'more image')} changed" if others else "",
    )


def _make_measure_headline(images: Sequence[ImageReport]) -> Phrase:
    lead = images[0]
    verdict = "Over budget: " if lead.verdict is Outcome.FAIL else ""
    if excess := describe_excess(lead):
        return (verdict, image_facts.label(lead), *excess)
    return (
        verdict,
        image_facts.label(lead),
        *describe_change(lead, size_only=True),
        *(_describe_limits(lead) if lead.checks else ()),
    )


def _make_diff_headline(images: Sequence[ImageReport]) -> Phrase:
    lead = images[0]
    base, head, change = (
        image_facts.base_size(lead),
        image_facts.head_size(lead),
        image_facts.growth(lead),
    )
    if base is None or head is None or change is None:
        return _make_review_headline(lead.verdict, images)
    sizes = f"({format_size(base)} → {image_facts.format_image_size(lead, head)})"
    if change:
        adjective = "larger" if change > 0 else "smaller"
        difference, end = f" is {format_size(abs(change))} {adjective} than ", f" {sizes}"
    else:
        is_same = is_same_image(lead)
        difference = " is the same image as " if is_same else " is as large as "
        end = f", {image_facts.format_image_size(lead, head)}"
    old = lead.comparison.base.reference if lead.comparison.base else ""
    return (image_facts.label(lead), difference, Untrusted(old, max_characters=100), end)


def _make_advise_headline(images: Sequence[ImageReport]) -> Phrase:
    lead = images[0]
    best = image_facts.find_best_suggestion(images)
    if best is None:
        return (image_facts.label(lead), ": nothing to suggest")
    number = format_count(len(lead.suggestions), "suggestion")
    bytes_saved = best[1].saving_bytes
    saving = f"; the largest saves {format_size(bytes_saved)}" if bytes_saved else ""
    return (image_facts.label(lead), f": {number}{saving}")


def is_same_image(image: ImageReport) -> bool:
    """Return True if both sides are one image: their configurations have the same digest."""
    base, head = image.comparison.base, image.comparison.head
    return bool(base and head and base.image_id and base.image_id == head.image_id)


def describe_change(image: ImageReport, *, size_only: bool = False) -> Phrase:
    """Describe the change of an image, to follow its name in a sentence."""
    base, head, change = (
        image_facts.base_size(image),
        image_facts.head_size(image),
        image_facts.growth(image),
    )
    if head is None:
        return (_describe_missing_head(image, base),)
    size = image_facts.format_image_size(image, head)
    if size_only:
        return (f" is {size}",)
    if base is None or change is None:
        return (_ONE_SIDED_TEXT.get(image.state, " is {}").format(size),)
    if change == 0:
        is_same = is_same_image(image)
        verb = "is the same image as before," if is_same else "was rebuilt and stays at"
        return (f" {verb} {size}",)
    if change > 0:
        return (f" grew by {image_facts.mark_estimate(image, format_size(change))} to {size}",)
    shrinkage = image_facts.mark_estimate(image, format_size(-change))
    return (f" shrank by {shrinkage} ({format_size(base)} → {size})",)


def _describe_missing_head(image: ImageReport, base: int | None) -> str:
    if image.state is not ImageState.REMOVED:
        return _UNMEASURED_TEXT.get(image.state, " was not measured")
    size = f"; it was {image_facts.format_image_size(image, base)}" if base is not None else ""
    return f" was removed{size}"


def _describe_limits(image: ImageReport) -> Phrase:
    """Describe the limits that decide the verdict, or say that none is set or applies."""
    checks = image_facts.deciding_checks(image) or image.checks
    skipped = [check.reason for check in checks if check.result is Outcome.SKIP]
    if skipped and len(skipped) == len(checks):
        return ("; ", *join_phrases([image_facts.untrusted_prose(x) for x in skipped], "; "))
    limits: list[Phrase] = [
        (format_image_limit(image, check),) for check in checks if check.limit is not None
    ]
    if not limits:
        return ("; no limit is set",)
    noun = "limit" if len(limits) == 1 else "limits"
    ignored = image_facts.explain_ignored_growth(image) if image_facts.is_passing(image) else []
    listed = (f"; {noun}: ", *join_phrases(limits, ", ", " and "))
    return join_phrases([listed, *ignored], "; ")


def _count_same_verdict(images: Sequence[ImageReport]) -> int:
    """Count the images after the first that share its verdict."""
    return sum(image.verdict is images[0].verdict for image in images) - 1
