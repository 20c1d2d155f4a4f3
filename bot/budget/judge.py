"""The budget applied to a comparison: checks and verdict.

A check that cannot be made is skipped, with the reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.budget.both_rules import merge_checks
from bot.budget.margin import add_margin
from bot.model.comparison import Comparison
from bot.model.failures import FailureCause
from bot.model.image import BuildFailure, Image, MeasureFailure
from bot.model.report import Check, ImageState, Outcome
from bot.model.sizes import format_change, format_limit, format_size
from bot.model.spec import Budget, GrowthLimit

# The growth of an image with one side: what a limit on it says. A new image is plain work, and the
# limit on its size is another one; a comparison that was asked for and could not be made warns.
_UNKNOWN_GROWTH = {
    ImageState.NEW: (Outcome.SKIP, "a growth limit does not apply to a new image"),
    ImageState.NO_BASELINE: (
        Outcome.WARN,
        "the growth could not be judged: there is no base revision to compare with",
    ),
    ImageState.BASE_BUILD_FAILED: (
        Outcome.SKIP,  # the state warns, or is an error
        "the base could not be built, so the growth is unknown",
    ),
}
_MAX_NAMES = 3
_LINE_NUMBER = re.compile(r"\bline \d+\b")

# The result of building and measuring one side; None for a side that does not exist.
ImageResult = Image | BuildFailure | MeasureFailure | None
# The result of a check that lacks a growth to judge, and its reason.
UnknownGrowth = tuple[Outcome, str]


def image_or_none(result: ImageResult) -> Image | None:
    """Return the measured image of a side, if there is one."""
    return result if isinstance(result, Image) else None


@dataclass(frozen=True, slots=True)
class FinalState:
    """The state of an image once both sides were tried, and what there is to say of it.

    `log` has the last lines of a failed build.
    """

    state: ImageState
    reason: str | None = None
    log: tuple[str, ...] = ()
    failure: FailureCause | None = None


def final_state(planned_state: ImageState, base: ImageResult, head: ImageResult) -> FinalState:
    """Return the state of an image by the results of both sides."""
    if isinstance(head, BuildFailure):
        cause = _make_cause(head, fails_at_base=_fails_alike(base, head))
        return FinalState(ImageState.HEAD_BUILD_FAILED, head.reason, head.log, cause)
    for side, name in ((head, ""), (base, "the base revision: ")):
        if isinstance(side, MeasureFailure):
            return FinalState(ImageState.MEASURE_FAILED, name + side.reason)
    if isinstance(base, BuildFailure):
        cause = _make_cause(base)
        return FinalState(ImageState.BASE_BUILD_FAILED, base.reason, base.log, cause)
    if isinstance(base, Image) and isinstance(head, Image) and base.image_id == head.image_id:
        return FinalState(ImageState.UNCHANGED)
    return FinalState(planned_state)


def _make_cause(failure: BuildFailure, *, fails_at_base: bool = False) -> FailureCause:
    return FailureCause(
        failure.kind,
        fails_at_base=fails_at_base,
        subject=failure.subject,
        folder=failure.folder,
    )


def _fails_alike(base: ImageResult, head: BuildFailure) -> bool:
    """Return True if base's build fails at the same instruction with the same error."""
    if not isinstance(base, BuildFailure) or not head.instruction:
        return False
    reasons = [_LINE_NUMBER.sub("line", side.reason) for side in (base, head)]
    same_instruction = (base.kind, base.instruction) == (head.kind, head.instruction)
    return same_instruction and reasons[0] == reasons[1]


def check_budgets(
    comparison: Comparison,
    budgets: tuple[Budget, Budget | None],
    state: ImageState,
    skip_growth_reason: str = "",
    removed: Sequence[str] = (),
) -> tuple[Check, ...]:
    """Return the checks of one image by head's rules and by base's, if there are any of base.

    `skip_growth_reason` is set for events that do not judge growth, such as a push to the default
    branch. `removed` names the images that the same change removes: a new image may be one of them.
    """
    head, base = budgets
    unknown_growth = _explain_unknown_growth(state, skip_growth_reason, removed)
    by_head = check_budget(comparison, head, unknown_growth)
    if base is None or base == head:
        return by_head
    return merge_checks(by_head, check_budget(comparison, base, unknown_growth))


def _explain_unknown_growth(
    state: ImageState, skip_reason: str, removed: Sequence[str]
) -> UnknownGrowth | None:
    """Return what a limit on growth says if the growth is not to be judged, or is unknown."""
    if skip_reason:
        return Outcome.SKIP, skip_reason
    if state is not ImageState.NEW or not removed:
        return _UNKNOWN_GROWTH.get(state)
    unnamed = len(removed) - _MAX_NAMES
    names = ", ".join(removed[:_MAX_NAMES]) + (f" and {unnamed} more" if unnamed > 0 else "")
    verb = "was" if len(removed) == 1 else "were"
    return (
        Outcome.WARN,
        f"the growth could not be judged: the image is new here, and {names} {verb} removed",
    )


def check_budget(
    comparison: Comparison, budget: Budget, unknown_growth: UnknownGrowth | None = None
) -> tuple[Check, ...]:
    """Return the checks of one image by one budget."""
    if comparison.head is None:
        return ()
    checks = (
        _check_max_size(comparison, budget),
        _check_max_growth(comparison, budget, unknown_growth),
    )
    return tuple(add_margin(check, comparison, budget) for check in checks if check)


def image_verdict(
    checks: tuple[Check, ...],
    state: ImageState,
    *,
    is_dropped: bool = False,
    failure: FailureCause | None = None,
) -> Outcome:
    """Return the worst outcome of an image's checks and of its state; a dropped image warns."""
    dropped = Outcome.WARN if is_dropped else Outcome.PASS
    outcomes = (check.result for check in checks)
    return Outcome.worst((_judge_state(state, failure), dropped, *outcomes))


def _judge_state(state: ImageState, failure: FailureCause | None) -> Outcome:
    """Return the outcome of a state; an image that could not be judged is never green.

    A failed build is an error unless its reason lies in the revision's own files, and it is no
    doing of this change: base alone fails, or fails in the same way.
    """
    if state is ImageState.MEASURE_FAILED:
        return Outcome.ERROR
    if state not in (ImageState.HEAD_BUILD_FAILED, ImageState.BASE_BUILD_FAILED):
        return Outcome.PASS
    is_old = state is ImageState.BASE_BUILD_FAILED or (failure and failure.fails_at_base)
    is_no_doing = failure and failure.kind.lies_in_own_files and is_old
    is_excused = failure and failure.is_excused
    return Outcome.WARN if is_no_doing or is_excused else Outcome.ERROR


def growth_limit(growth: GrowthLimit, base_size: int) -> int | None:
    """Return the allowed growth in bytes; of two parts the larger one, since both must be exceeded.

    None if only a percentage is set and the base is empty.
    """
    parts = []
    if growth.bytes is not None:
        parts.append(growth.bytes)
    if growth.percent is not None and base_size:
        parts.append(int(base_size * growth.percent / 100))
    return max(parts, default=None)


def _check_max_size(comparison: Comparison, budget: Budget) -> Check | None:
    head, limit = comparison.head, budget.max_size
    if head is None or limit is None:
        return None
    size = head.size(budget.metric)
    result, reason = Outcome.PASS, f"{format_size(size)} of at most {format_limit(limit)}"
    if size > limit:
        result, reason = _judge_excess(comparison, budget, size - limit)
    return Check("max-size", budget.metric, size, limit, result, reason)


def _judge_excess(comparison: Comparison, budget: Budget, excess_bytes: int) -> tuple[Outcome, str]:
    """Warn about a limit that base exceeded, too, if the change adds almost nothing; else fail."""
    over = f"{format_size(excess_bytes)} over the limit"
    base, delta = comparison.base, comparison.delta
    was_over = base is not None and base.size(budget.metric) > (budget.max_size or 0)
    growth = delta.size(budget.metric) if delta else 0
    if was_over and growth <= budget.ignore_below:
        return Outcome.WARN, f"{over}, as it was before this change ({format_change(growth)})"
    return Outcome.FAIL, over


def _check_max_growth(
    comparison: Comparison, budget: Budget, unknown_growth: UnknownGrowth | None
) -> Check | None:
    if budget.max_growth is None:
        return None
    base, delta, metric = comparison.base, comparison.delta, budget.metric
    if unknown_growth or base is None or delta is None:
        result, reason = unknown_growth or (Outcome.WARN, "the growth could not be judged")
        return Check("max-growth", metric, None, budget.max_growth.bytes, result, reason)
    limit = growth_limit(budget.max_growth, base.size(budget.metric))
    growth = delta.size(budget.metric)
    if limit is None:
        reason = "the growth could not be judged: a percentage of an empty base image is no limit"
        return Check("max-growth", metric, growth, None, Outcome.WARN, reason)
    return Check(
        "max-growth", metric, growth, limit, *_judge_growth(growth, limit, budget.ignore_below)
    )


def _judge_growth(growth: int, limit: int, ignore_below: int) -> tuple[Outcome, str]:
    if growth <= limit:
        return Outcome.PASS, f"{format_change(growth)} of at most +{format_limit(limit)}"
    if growth <= ignore_below:
        ignored = format_limit(ignore_below)
        return (
            Outcome.PASS,
            f"{format_change(growth)} is within what the budget ignores ({ignored})",
        )
    return (
        Outcome.FAIL,
        f"{format_size(growth - limit)} more than the +{format_limit(limit)} allowed",
    )
