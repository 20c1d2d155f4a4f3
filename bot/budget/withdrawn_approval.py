"""A report as it was judged before its approval, for a job that applies the approval itself.

The checks are made again from the numbers: what an approval says of them is in their words, too.
"""

from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.budget.judge import check_budgets
from bot.budget.untrusted_report import list_removed
from bot.model.report import ImageReport, Outcome, Report


def withdraw_approval(report: Report, skip_growth_reason: str = "") -> Report:
    """Return the report without its approval, and with its checks of growth made again.

    Limits that follow recorded sizes are left to whoever has the records.
    """
    plain = replace(report, approval=None, approval_label="")
    # Without an approval nothing was changed: the checks of another version of this program stay.
    if report.approval is None:
        return plain
    removed = list_removed(report)
    images = tuple(_judge_growth(x, skip_growth_reason, removed) for x in report.images)
    return replace(plain, images=images)


def _judge_growth(image: ImageReport, skip_growth_reason: str, removed: list[str]) -> ImageReport:
    budgets = (image.spec.budget, image.base_budget)
    fresh = {
        (check.name, check.metric): check
        for check in check_budgets(
            image.comparison, budgets, image.state, skip_growth_reason, removed
        )
    }
    # What was skipped, an approval has left as it was.
    checks = tuple(
        fresh.get((check.name, check.metric), check)
        if check.is_about_growth and check.result is not Outcome.SKIP
        else check
        for check in image.checks
    )
    return replace_checks(image, checks)
