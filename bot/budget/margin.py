"""Checks of estimated sizes: a limit within the possible error of the estimate is no plain pass.

Compressed sizes are estimated where no registry has the layers.
"""

from dataclasses import replace

from bot.model.comparison import Comparison
from bot.model.report import Check, Outcome
from bot.model.sizes import format_size
from bot.model.spec import Budget

TOO_CLOSE = "too close to call"


def add_margin(check: Check, comparison: Comparison, budget: Budget) -> Check:
    """Return the check with the possible error of what it observed, if that is an estimate.

    A pass that the error could turn warns. A failure stays one, and says how close it is.
    """
    error = _find_error(check, comparison)
    if not error or check.observed is None or check.limit is None:
        return check
    # Growth fails above both: the distance to the larger one decides whether the error can turn it.
    limit = max(check.limit, budget.ignore_below) if check.is_about_growth else check.limit
    reason = f"{check.reason}, estimated to ±{format_size(error)}"
    if abs(check.observed - limit) > error:
        return replace(check, reason=reason, margin=error)
    result = Outcome.WARN if check.result is Outcome.PASS else check.result
    return replace(check, result=result, reason=f"{reason}: {TOO_CLOSE}", margin=error)


def _find_error(check: Check, comparison: Comparison) -> int:
    if check.is_about_growth:
        return comparison.growth_error(check.metric)
    return comparison.head.size_error(check.metric) if comparison.head else 0
