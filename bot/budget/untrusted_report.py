"""A report that a stranger may have made: what can be believed of it."""

import re
from dataclasses import replace

from bot.budget.approval import replace_checks
from bot.budget.judge import check_budget
from bot.model.report import Report

# A command of ours with words that no shell takes for more than words.
_SAFE_COMMAND = re.compile(r"image-size-review (?:review|audit)(?: [\w./:=%@+,-]+)*", re.ASCII)


def rejudge(report: Report) -> Report:
    """The report as its numbers alone say: checks, verdicts and their words anew.

    Whatever it says of an approval is forgotten: only GitHub knows who set a label. Nobody is told
    to run a command that is not plainly ours.
    """
    images = tuple(
        replace_checks(image, check_budget(image.comparison, image.spec.budget, image.state))
        for image in report.images
    )
    command = report.reproduce_command if _SAFE_COMMAND.fullmatch(report.reproduce_command) else ""
    return replace(report, images=images, reproduce_command=command, approval=None)
