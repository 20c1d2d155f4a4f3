"""A report from a fork's workflow run: its numbers are kept, its judgement is made again.

A report that this job made itself needs none of it. Size, schema, sums and the commit that the
report is about are checked before, in action/publish.py and report/document/.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.budget.both_rules import merge_checks
from bot.budget.judge import check_budgets
from bot.model.check_names import CHECKS_WITHOUT_NUMBERS
from bot.model.report import Check, ImageReport, ImageState, Outcome, Report
from bot.model.spec import Budget, ImageSpec, Limits

# Our own command with arguments that no shell expands: people paste it into a terminal.
_SAFE_COMMAND = re.compile(r"image-size-review (?:review|audit|diff)(?: [\w./:=%@+,-]+)*", re.ASCII)


def rejudge(report: Report) -> Report:
    """Return the report with its checks, verdicts and reasons computed again from its numbers.

    Its approval and its label are dropped, since only GitHub knows who set which, and so are its
    trends, which no number of it shows, and a command to reproduce that is not plainly our own.
    """
    removed = list_removed(report)
    images = tuple(
        replace(replace_checks(image, _check(image, removed)), trend=None)
        for image in report.images
    )
    command = report.reproduce_command if _SAFE_COMMAND.fullmatch(report.reproduce_command) else ""
    return replace(
        report, images=images, reproduce_command=command, approval=None, approval_label=""
    )


def hold_to_rules(report: Report, find_budget: Callable[[ImageSpec], Budget]) -> Report:
    """Return a rejudged report that is held to trusted budgets, too.

    What the report says its budgets are can only make it stricter.
    """
    removed = list_removed(report)
    images = tuple(_hold_image(x, find_budget(x.spec), removed) for x in report.images)
    return replace(report, images=images)


def hold_to_limits(report: Report, limits: Limits, skip_growth_reason: str = "") -> Report:
    """Return a report that is held to limits that its images were not judged by, too."""
    removed = list_removed(report)
    budgets = (limits.apply_to(image.spec.budget) for image in report.images)
    images = tuple(
        image
        if budget == image.spec.budget
        else _hold_image(image, budget, removed, skip_growth_reason)
        for image, budget in zip(report.images, budgets, strict=True)
    )
    return replace(report, images=images)


def list_removed(report: Report) -> list[str]:
    """Return the names of the images that the change removes."""
    return [image.spec.name for image in report.images if image.state is ImageState.REMOVED]


def _check(image: ImageReport, removed: Sequence[str]) -> tuple[Check, ...]:
    budgets = (image.spec.budget, image.base_budget)
    # No `skip_growth_reason`: a run that claims to be of a push must not escape limits on growth.
    checks = check_budgets(image.comparison, budgets, image.state, removed=removed)
    # No number shows what was missing; a warning that the run made up does no harm.
    judged = {check.name for check in checks}
    missing = (x for x in image.checks if x.name in CHECKS_WITHOUT_NUMBERS and x.name not in judged)
    return (*checks, *(x for x in missing if x.result is Outcome.WARN))


def _hold_image(
    image: ImageReport, budget: Budget, removed: Sequence[str], skip_growth_reason: str = ""
) -> ImageReport:
    by_rules = check_budgets(
        image.comparison, (budget, None), image.state, skip_growth_reason, removed
    )
    # An approval is widened by what both sides ignore: base's lower number stays in force.
    if image.base_budget is not None:
        ignored = min(budget.ignore_below, image.base_budget.ignore_below)
        budget = replace(budget, ignore_below=ignored)
    return replace(replace_checks(image, merge_checks(image.checks, by_rules)), base_budget=budget)
