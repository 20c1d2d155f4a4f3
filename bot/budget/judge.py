"""The budget applied to a comparison: checks and verdict.

A check that cannot be made is skipped, with the reason.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.budget.both_rules import merge_checks
from bot.budget.layer_limits import check_layers
from bot.budget.limits import UnknownGrowth, check_growths, check_sizes
from bot.budget.margin import add_margin
from bot.model.check_names import HISTORY_CHECK
from bot.model.comparison import Comparison
from bot.model.failures import FailureCause
from bot.model.image import BuildFailure, Image, MeasureFailure
from bot.model.report import MAX_SIZE, Check, ImageState, Outcome
from bot.model.sizes import format_names
from bot.model.spec import Budget

# The growth of an image with one side: what a limit on it says. A new image is plain work, and the
# limit on its size is another one; a comparison that was asked for and could not be made warns.
_UNKNOWN_GROWTH = {
    ImageState.NEW: (Outcome.SKIP, "a growth limit does not apply to a new image"),
    ImageState.NO_BASELINE: (
        Outcome.WARN,
        "the growth could not be judged: there is nothing older to compare with",
    ),
    ImageState.BASE_BUILD_FAILED: (
        Outcome.SKIP,  # the state warns, or is an error
        "it did not build before this change, so the growth is unknown",
    ),
}
_MAX_NAMES = 3
# A change above the failing line moves it, and BuildKit names lines in its errors.
_LINE_NUMBER = re.compile(r"\bline \d+\b")

# The result of building and measuring one side; None for a side that does not exist.
ImageResult = Image | BuildFailure | MeasureFailure | None


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
    # Head first: a change that breaks the build is told so, whatever became of base.
    if isinstance(head, BuildFailure):
        cause = _make_cause(head, fails_at_base=_fails_alike(base, head))
        return FinalState(ImageState.HEAD_BUILD_FAILED, head.reason, head.log, cause)
    for side, name in ((head, ""), (base, "before this change: ")):
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
    # Equal rules are not merged: the reasons would name a side where there is one rule.
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
    # A renamed image is new, and has no limit on its growth: a way around the limit, if unnoticed.
    names = format_names(removed, _MAX_NAMES)
    is_single = len(removed) == 1
    verb, identity = ("was", "the same image") if is_single else ("were", "one of them")
    reason = f"the growth is not known: {names} {verb} removed, and this may be {identity} renamed"
    return Outcome.WARN, reason


def check_budget(
    comparison: Comparison, budget: Budget, unknown_growth: UnknownGrowth | None = None
) -> tuple[Check, ...]:
    """Return the checks of one image by one budget."""
    if comparison.head is None:
        return ()
    checks = (
        *check_sizes(comparison, budget),
        *check_growths(comparison, budget, unknown_growth),
        *check_layers(comparison, budget),
    )
    return tuple(add_margin(check, comparison, budget) for check in checks)


def check_max_size(
    comparison: Comparison, budgets: tuple[Budget, Budget | None]
) -> tuple[Check, ...]:
    """Return the checks of the limit on the size alone, by head's rules and by base's."""
    checks = check_budgets(comparison, budgets, ImageState.CHANGED)
    return tuple(check for check in checks if check.name in (MAX_SIZE, HISTORY_CHECK))


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
    is_excused = failure and failure.is_excused
    if state is ImageState.MEASURE_FAILED:
        return Outcome.WARN if is_excused else Outcome.ERROR
    if state not in (ImageState.HEAD_BUILD_FAILED, ImageState.BASE_BUILD_FAILED):
        return Outcome.PASS
    is_old = state is ImageState.BASE_BUILD_FAILED or (failure and failure.fails_at_base)
    is_no_doing = failure and failure.kind.lies_in_own_files and is_old
    return Outcome.WARN if is_no_doing or is_excused else Outcome.ERROR
