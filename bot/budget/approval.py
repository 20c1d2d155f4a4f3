"""The effect of an approval: growth that fails warns instead, up to the size it was given for.

Apart from the judge, since a report is judged by its numbers alone and approved afterwards. The
limit on the size itself cannot be approved.
"""

from dataclasses import replace

from bot.budget.judge import image_verdict
from bot.budget.limits import format_growth
from bot.model.approval import GrowthAtCommit, digest_image
from bot.model.check_names import BASELINE_CHECK
from bot.model.metric import Metric
from bot.model.report import (
    MAX_GROWTH,
    WARN_GROWTH,
    Approval,
    Check,
    ImageReport,
    ImageState,
    Outcome,
    Report,
)

_UNMEASURED_STATES = (
    ImageState.BASE_BUILD_FAILED,
    ImageState.HEAD_BUILD_FAILED,
    ImageState.MEASURE_FAILED,
)


def measure_growth(report: Report, head_sha: str) -> GrowthAtCommit:
    """Return the growth of the images of a report on a pull request's head.

    Of two images with one name the smaller growth counts.
    """
    growth: dict[str, dict[Metric, int]] = {}
    for image in report.images:
        delta = image.comparison.delta
        if delta is not None and not _has_doubtful_base(image):
            # Every metric: base's rules and head's may have different ones, and a later push may
            # change that of the budget.
            sizes = {metric: delta.size(metric) for metric in Metric}
            smallest = growth.setdefault(digest_image(image.spec), sizes)
            smallest.update({metric: min(smallest[metric], size) for metric, size in sizes.items()})
    return GrowthAtCommit(
        head_sha,
        growth,
        frozenset(
            digest_image(image.spec)
            for image in report.images
            if image.state in _UNMEASURED_STATES and image.comparison.delta is None
        ),
    )


def _has_doubtful_base(image: ImageReport) -> bool:
    """Return True for a growth from an image of another history, which nobody can approve."""
    return any(check.name == BASELINE_CHECK for check in image.checks)


def apply_approval(
    report: Report, approval: Approval | None, given_at: GrowthAtCommit | None, head_sha: str
) -> Report:
    """Return the report with its growth approved, as far as the approval goes.

    An invalid approval is only recorded. `given_at` is None if it is not known for what commit the
    approval was given, and `head_sha` the commit that the report is about.
    """
    if approval is None or not approval.is_valid:
        return replace(report, approval=approval)
    images = tuple(
        replace_checks(image, _approve_checks(image, approval, given_at, head_sha))
        for image in report.images
    )
    return replace(report, images=images, approval=approval)


def has_failed_growth(report: Report) -> bool:
    """Return True if any image fails its limit on growth."""
    return any(
        check.is_about_growth and check.result is Outcome.FAIL
        for image in report.images
        for check in image.checks
    )


def job_verdict(report: Report) -> Outcome:
    """Return the verdict for the exit status of the job, which ignores approved checks."""
    # `fail-on: warn` would keep the job red over what a maintainer has just approved. The report
    # shows the warning all the same.
    images = (
        _judge(image, tuple(check for check in image.checks if not check.approved))
        for image in report.images
    )
    return Outcome.worst((*images, report.gate_verdict))


def replace_checks(image: ImageReport, checks: tuple[Check, ...]) -> ImageReport:
    """Return the image with other checks and the verdict that follows from them."""
    return replace(image, checks=checks, verdict=_judge(image, checks))


def _judge(image: ImageReport, checks: tuple[Check, ...]) -> Outcome:
    return image_verdict(checks, image.state, is_dropped=image.is_dropped, failure=image.failure)


def _approve_checks(
    image: ImageReport, approval: Approval, given_at: GrowthAtCommit | None, head_sha: str
) -> tuple[Check, ...]:
    return tuple(
        _approve_check(check, image, approval, given_at, head_sha)
        if _is_exceeded_growth(check)
        else check
        for check in image.checks
    )


def _approve_check(
    check: Check,
    image: ImageReport,
    approval: Approval,
    given_at: GrowthAtCommit | None,
    head_sha: str,
) -> Check:
    """Return a failed check as a warning if the approval covers its growth."""
    growth = _find_growth(check, image)
    # A label stays on a pull request while commits are pushed: without the commit that it was set
    # for, it might approve what nobody has seen.
    if given_at is None:
        reason = f"the approval by {approval.login} may be for another commit"
        return replace(check, reason=f"{check.reason}; {reason}")
    metric = _growth_metric(check)
    approved = _find_approved_growth(image, metric, growth, given_at, head_sha)
    if approved is None:
        reason = f"the approval by {approval.login} was given before this image grew"
        return replace(check, reason=f"{check.reason}; {reason}")
    # Two builds of the same source may differ by some bytes: what the budget ignores needs no new
    # approval.
    if growth > approved + _ignored_growth(image):
        reason = f"{approval.login} approved {format_growth(approved, metric)}"
        return replace(check, reason=f"{check.reason}; {reason}")
    reason = f"{check.reason}, approved by {approval.login} for {format_growth(approved, metric)}"
    return replace(check, result=Outcome.WARN, reason=reason, approved=True)


def approve_pushed(report: Report, approval: Approval) -> Report:
    """Return the report on a pushed commit with its limits that follow recorded sizes approved.

    The approval is of the pull request that was merged, which nobody can change any more.
    """
    if not approval.is_valid:
        return report
    images = tuple(
        replace_checks(image, tuple(_approve_size(check, approval) for check in image.checks))
        for image in report.images
    )
    return replace(report, images=images, approval=approval)


def has_failed_ratchet(report: Report) -> bool:
    """Return True if any image fails a limit that follows recorded sizes."""
    checks = (check for image in report.images for check in image.checks)
    return any(check.is_auto and check.result is Outcome.FAIL for check in checks)


def _approve_size(check: Check, approval: Approval) -> Check:
    if not check.is_auto or check.result is not Outcome.FAIL:
        return check
    reason = (
        f"{check.reason}, approved by {approval.login}, so the limit starts again from this size"
    )
    return replace(check, result=Outcome.WARN, reason=reason, approved=True)


def _find_growth(check: Check, image: ImageReport) -> int:
    """Return the growth that a check is about, also if it observes the size."""
    delta = image.comparison.delta
    # A limit that follows recorded sizes observes the size, but people approve what a change adds.
    if check.is_auto:
        return delta.size(_growth_metric(check)) if delta else 0
    return check.observed or 0


def _growth_metric(check: Check) -> Metric:
    """Return the metric of the growth that an approval of a check is for."""
    return check.metric.of_sizes if check.is_auto else check.metric


def _find_approved_growth(
    image: ImageReport, metric: Metric, growth: int, given_at: GrowthAtCommit, head_sha: str
) -> int | None:
    """Return the growth that the approval was given for; None if the image did not grow then.

    An image that could not be measured is approved as it was: its size is what the same commit has.
    """
    name = digest_image(image.spec)
    if name in given_at.growth:
        return given_at.growth[name].get(metric)
    if name in given_at.unmeasured and given_at.head_sha == head_sha:
        return growth
    return None


def _ignored_growth(image: ImageReport) -> int:
    """Return the growth that both base's rules and head's ignore."""
    budgets = [budget for budget in (image.spec.budget, image.base_budget) if budget]
    # The lower one: a change must not widen its own approval by raising `ignore-below`.
    return min(budget.ignore_below for budget in budgets)


def _is_exceeded_growth(check: Check) -> bool:
    """Return True for a limit on growth that is exceeded, also if that only warns."""
    is_measured = check.observed is not None and check.limit is not None
    is_warning = check.name == WARN_GROWTH and check.result is Outcome.WARN and is_measured
    return is_warning or (
        (check.name == MAX_GROWTH or check.is_auto) and check.result is Outcome.FAIL
    )
