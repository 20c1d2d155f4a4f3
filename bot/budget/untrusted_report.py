"""A report from a fork's workflow run: its numbers are kept, its judgement is made again.

A report that this job made itself needs none of it. Size, schema, sums and the commit that the
report is about are checked before, in action/publish.py and report/document/.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.budget.judge import check_budgets
from bot.model.report import Check, ImageReport, ImageState, Report

# Our own command with arguments that no shell expands: people paste it into a terminal.
_SAFE_COMMAND = re.compile(r"image-size-review (?:review|audit)(?: [\w./:=%@+,-]+)*", re.ASCII)


def _check(image: ImageReport, removed: Sequence[str]) -> tuple[Check, ...]:
    budgets = (image.spec.budget, image.base_budget)
    return check_budgets(image.comparison, budgets, image.state, removed=removed)


def rejudge(report: Report) -> Report:
    """Return the report with its checks, verdicts and reasons computed anew from its numbers.

    Its approval is dropped, since only GitHub knows who set a label, and so is a command to
    reproduce that is not plainly our own.
    """
    removed = [image.spec.name for image in report.images if image.state is ImageState.REMOVED]
    images = tuple(replace_checks(image, _check(image, removed)) for image in report.images)
    command = report.reproduce_command if _SAFE_COMMAND.fullmatch(report.reproduce_command) else ""
    return replace(report, images=images, reproduce_command=command, approval=None)
