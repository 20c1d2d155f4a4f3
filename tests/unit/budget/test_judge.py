"""Budgets. The cases in which nothing fails come first, and there are more of them."""

import pytest

from bot.budget.judge import (
    FinalState,
    check_budget,
    check_budgets,
    final_state,
    image_verdict,
)
from bot.budget.limits import growth_limit
from bot.compare.compare import compare_images
from bot.model.failures import FailureCause, FailureKind
from bot.model.image import BuildFailure, Image, Layer, MeasureFailure
from bot.model.metric import Metric
from bot.model.report import Check, ImageState, Outcome
from bot.model.spec import Budget, GrowthLimit

MB = 1_000_000


def image(size: int, compressed: int = 0) -> Image:
    layer = Layer(0, f"sha256:{size}", size, compressed, 1, "RUN x")
    return Image(
        "x",
        f"id-{size}",
        "linux/amd64",
        (layer,),
        compressed_exact=True,
        filesystem_bytes=size,
        files=1,
    )


def check(
    before: int | None,
    after: int,
    budget: Budget,
    skip: str = "",
    state: ImageState = ImageState.NEW,
    removed: tuple[str, ...] = (),
) -> dict[str, Check]:
    """Check a changed image, or one without a base in a state."""
    state = ImageState.CHANGED if before is not None else state
    sides = compare_images(None if before is None else image(before), image(after))
    checks = check_budgets(sides, (budget, None), state, skip, removed)
    return {check.name: check for check in checks}


def test_without_a_budget_there_are_no_checks() -> None:
    assert check(1, 10**9, Budget()) == {}


def test_a_size_at_its_limit_passes() -> None:
    assert check(1, 300 * MB, Budget(max_size=300 * MB))["max-size"].result is Outcome.PASS


def test_growth_at_its_limit_passes() -> None:
    budget = Budget(max_growth=GrowthLimit(bytes=10 * MB))
    assert check(100 * MB, 110 * MB, budget)["max-growth"].result is Outcome.PASS


def test_shrinking_always_passes_the_growth() -> None:
    budget = Budget(max_growth=GrowthLimit(bytes=0))
    assert check(100 * MB, 1 * MB, budget)["max-growth"].result is Outcome.PASS


def test_growth_fails_only_if_it_exceeds_both_limits() -> None:
    both = Budget(max_growth=GrowthLimit(bytes=10 * MB, percent=5))
    assert (
        check(1000 * MB, 1040 * MB, both)["max-growth"].result is Outcome.PASS
    )  # over the bytes only
    assert (
        check(100 * MB, 109 * MB, both)["max-growth"].result is Outcome.PASS
    )  # over the percent only
    assert check(100 * MB, 111 * MB, both)["max-growth"].result is Outcome.FAIL


def test_an_excess_that_the_base_already_had_warns() -> None:
    budget = Budget(max_size=100 * MB)
    for after in (120 * MB, 120 * MB + 2_000, 110 * MB):
        assert check(120 * MB, after, budget)["max-size"].result is Outcome.WARN


def test_an_excess_that_grows_fails() -> None:
    verdict = check(120 * MB, 120 * MB + 2_001, Budget(max_size=100 * MB))["max-size"]
    assert verdict.result is Outcome.FAIL
    assert verdict.observed == 120_002_001
    assert verdict.limit == 100 * MB


def test_a_new_image_is_checked_against_the_cap_only() -> None:
    budget = Budget(max_size=10 * MB, max_growth=GrowthLimit(bytes=1))
    verdicts = check(None, 11 * MB, budget)
    assert verdicts["max-size"].result is Outcome.FAIL
    assert verdicts["max-growth"].result is Outcome.SKIP
    assert "new" in verdicts["max-growth"].reason


def test_a_merge_queue_checks_the_cap_only() -> None:
    budget = Budget(max_size=300 * MB, max_growth=GrowthLimit(bytes=1))
    verdicts = check(100 * MB, 200 * MB, budget, skip="in a merge queue")
    assert verdicts["max-size"].result is Outcome.PASS
    assert verdicts["max-growth"].result is Outcome.SKIP
    assert verdicts["max-growth"].reason == "in a merge queue"


def test_growth_below_the_threshold_is_ignored() -> None:
    budget = Budget(max_growth=GrowthLimit(bytes=0))
    assert check(100 * MB, 100 * MB + 2_000, budget)["max-growth"].result is Outcome.PASS
    assert check(100 * MB, 100 * MB + 2_001, budget)["max-growth"].result is Outcome.FAIL


def test_the_metric_decides_which_size_counts() -> None:
    budget = Budget(max_size=50 * MB, metric=Metric.COMPRESSED)
    sides = compare_images(None, image(100 * MB, compressed=40 * MB))
    (verdict,) = check_budget(sides, budget)
    assert (verdict.metric, verdict.observed, verdict.result) == (
        Metric.COMPRESSED,
        40 * MB,
        Outcome.PASS,
    )


GROWTH = Budget(max_growth=GrowthLimit(bytes=MB))


@pytest.mark.parametrize("state", [ImageState.NEW, ImageState.NO_BASELINE])
def test_without_a_growth_limit_nothing_is_left_unjudged(state: ImageState) -> None:
    assert check(None, 5, Budget(max_size=MB), state=state).keys() == {"max-size"}
    assert check(None, 5, Budget(), state=state, removed=("app",)) == {}


def test_a_new_image_beside_which_none_is_removed_needs_no_growth() -> None:
    growth = check(None, 90 * MB, GROWTH)["max-growth"]
    assert (growth.result, growth.reason) == (
        Outcome.SKIP,
        "a growth limit does not apply to a new image",
    )


def test_a_new_image_that_may_be_a_removed_one_warns() -> None:
    growth = check(None, 90 * MB, GROWTH, removed=("app",))["max-growth"]
    assert growth.result is Outcome.WARN
    assert growth.reason == (
        "the growth is not known: app was removed, and this may be the same image renamed"
    )


def test_many_removed_images_are_counted() -> None:
    growth = check(None, 1, GROWTH, removed=("a", "b", "c", "d", "e"))["max-growth"]
    assert "a, b, c and 2 more were removed, and this may be one of them renamed" in growth.reason


def test_an_event_that_judges_no_growth_has_none_to_miss() -> None:
    for state in (ImageState.NEW, ImageState.NO_BASELINE):
        growth = check(None, 1, GROWTH, "in a merge queue", state, ("app",))["max-growth"]
        assert growth.result is Outcome.SKIP


def test_a_limit_without_a_base_to_compare_with_warns() -> None:
    growth = check(None, 1, GROWTH, state=ImageState.NO_BASELINE)["max-growth"]
    assert growth.result is Outcome.WARN


def test_a_percentage_of_nothing_is_no_limit_and_warns() -> None:
    assert growth_limit(GrowthLimit(percent=5), 0) is None
    growth = check(0, 5, Budget(max_growth=GrowthLimit(percent=5)))["max-growth"]
    assert growth.result is Outcome.WARN
    assert "could not be judged" in growth.reason


def test_a_state_with_a_size_passes() -> None:
    states = (ImageState.CHANGED, ImageState.UNCHANGED, ImageState.NEW, ImageState.NO_BASELINE)
    assert {image_verdict((), state) for state in states} == {Outcome.PASS}
    assert image_verdict((), ImageState.REMOVED) is Outcome.PASS


def test_an_image_that_could_not_be_measured_never_passes() -> None:
    assert image_verdict((), ImageState.MEASURE_FAILED) is Outcome.ERROR


OWN_KINDS = [kind for kind in FailureKind if kind.lies_in_own_files]
OTHER_KINDS = [kind for kind in FailureKind if not kind.lies_in_own_files]


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_build_that_lacks_something_is_an_error_on_both_sides(kind: FailureKind) -> None:
    """A secret, a login or the network says nothing about the image."""
    for state in (ImageState.HEAD_BUILD_FAILED, ImageState.BASE_BUILD_FAILED):
        for fails_at_base in (True, False):
            failure = FailureCause(kind, fails_at_base)
            assert image_verdict((), state, failure=failure) is Outcome.ERROR


@pytest.mark.parametrize("kind", OWN_KINDS)
def test_a_build_that_the_change_breaks_is_an_error(kind: FailureKind) -> None:
    failure = FailureCause(kind, fails_at_base=False)
    assert image_verdict((), ImageState.HEAD_BUILD_FAILED, failure=failure) is Outcome.ERROR


@pytest.mark.parametrize("kind", OWN_KINDS)
def test_a_build_that_was_broken_before_warns(kind: FailureKind) -> None:
    alike = FailureCause(kind, fails_at_base=True)
    assert image_verdict((), ImageState.HEAD_BUILD_FAILED, failure=alike) is Outcome.WARN
    assert (
        image_verdict((), ImageState.BASE_BUILD_FAILED, failure=FailureCause(kind)) is Outcome.WARN
    )


def test_a_failure_of_no_kind_is_an_error() -> None:
    assert image_verdict((), ImageState.HEAD_BUILD_FAILED) is Outcome.ERROR
    assert image_verdict((), ImageState.BASE_BUILD_FAILED) is Outcome.ERROR


def test_skipped_checks_do_not_hide_a_failure() -> None:
    checks = (
        Check("a", Metric.UNPACKED, None, None, Outcome.SKIP, ""),
        Check("b", Metric.UNPACKED, 2, 1, Outcome.FAIL, ""),
        Check("c", Metric.UNPACKED, 1, 1, Outcome.PASS, ""),
    )
    assert image_verdict(checks, ImageState.CHANGED) is Outcome.FAIL


def broken(
    reason: str = "exit code: 1",
    instruction: str = "RUN make",
    kind: FailureKind = FailureKind.INSTRUCTION,
) -> BuildFailure:
    return BuildFailure(reason, ("log",), kind, instruction)


def test_the_image_state_follows_from_both_builds() -> None:
    opaque = MeasureFailure("torn")
    changed, new = ImageState.CHANGED, ImageState.NEW
    assert final_state(changed, image(1), image(2)) == FinalState(changed)
    assert final_state(changed, image(1), image(1)) == FinalState(ImageState.UNCHANGED)
    cause = FailureCause(FailureKind.INSTRUCTION)
    assert final_state(changed, broken(), image(2)) == FinalState(
        ImageState.BASE_BUILD_FAILED, "exit code: 1", ("log",), cause
    )
    assert final_state(changed, image(1), broken()) == FinalState(
        ImageState.HEAD_BUILD_FAILED, "exit code: 1", ("log",), cause
    )
    assert final_state(new, None, opaque).state is ImageState.MEASURE_FAILED
    assert final_state(changed, opaque, image(1)).state is ImageState.MEASURE_FAILED


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (broken("exit code: 2"), broken()),
        (broken(instruction="RUN test"), broken()),
        (broken(kind=FailureKind.NETWORK), broken()),
        (broken(instruction=""), broken(instruction="")),
        (image(1), broken()),
        (None, broken()),
        (MeasureFailure("torn"), broken()),
    ],
)
def test_another_failure_at_base_excuses_nothing(
    base: Image | BuildFailure | MeasureFailure | None, head: BuildFailure
) -> None:
    failure = final_state(ImageState.CHANGED, base, head).failure
    assert failure == FailureCause(FailureKind.INSTRUCTION, fails_at_base=False)


def test_the_same_failure_may_be_on_another_line() -> None:
    sides = [
        broken(f"dockerfile parse error on line {line}: unknown", "FRO x", FailureKind.SYNTAX)
        for line in (1, 7)
    ]
    failure = final_state(ImageState.CHANGED, *sides).failure
    assert failure == FailureCause(FailureKind.SYNTAX, fails_at_base=True)
