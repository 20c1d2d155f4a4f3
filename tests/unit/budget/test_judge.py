"""Budgets. The cases in which nothing fails come first, and there are more of them."""

import pytest

from bot.budget.judge import check_budget, final_state, growth_limit, image_verdict
from bot.compare.compare import compare_images
from bot.model.image import BuildFailure, Image, Layer, MeasureFailure, Metric
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


def check(before: int | None, after: int, budget: Budget, skip: str = "") -> dict[str, Check]:
    state = ImageState.CHANGED if before is not None else ImageState.NEW
    sides = compare_images(None if before is None else image(before), image(after))
    return {x.name: x for x in check_budget(sides, budget, state, skip)}


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
    (verdict,) = check_budget(sides, budget, ImageState.NEW)
    assert (verdict.metric, verdict.observed, verdict.result) == (
        Metric.COMPRESSED,
        40 * MB,
        Outcome.PASS,
    )


def test_a_percentage_of_nothing_is_no_limit() -> None:
    assert growth_limit(GrowthLimit(percent=5), 0) is None
    assert (
        check(0, 5, Budget(max_growth=GrowthLimit(percent=5)))["max-growth"].result is Outcome.SKIP
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (ImageState.CHANGED, Outcome.PASS),
        (ImageState.NEW, Outcome.PASS),
        (ImageState.NO_BASELINE, Outcome.PASS),
        (ImageState.BASE_BUILD_FAILED, Outcome.WARN),
        (ImageState.HEAD_BUILD_FAILED, Outcome.ERROR),
        (ImageState.MEASURE_FAILED, Outcome.ERROR),
    ],
)
def test_an_image_that_could_not_be_measured_never_passes(
    state: ImageState, expected: Outcome
) -> None:
    assert image_verdict((), state) is expected


def test_skipped_checks_do_not_hide_a_failure() -> None:
    checks = (
        Check("a", Metric.UNPACKED, None, None, Outcome.SKIP, ""),
        Check("b", Metric.UNPACKED, 2, 1, Outcome.FAIL, ""),
        Check("c", Metric.UNPACKED, 1, 1, Outcome.PASS, ""),
    )
    assert image_verdict(checks, ImageState.CHANGED) is Outcome.FAIL


def test_the_image_state_follows_from_both_builds() -> None:
    broken, opaque = BuildFailure("no", ("log",)), MeasureFailure("torn")
    assert final_state(ImageState.CHANGED, image(1), image(2)) == (ImageState.CHANGED, None, ())
    assert final_state(ImageState.CHANGED, image(1), image(1))[0] is ImageState.UNCHANGED
    assert final_state(ImageState.CHANGED, broken, image(2))[0] is ImageState.BASE_BUILD_FAILED
    assert final_state(ImageState.CHANGED, image(1), broken)[0] is ImageState.HEAD_BUILD_FAILED
    assert final_state(ImageState.CHANGED, broken, broken) == (
        ImageState.HEAD_BUILD_FAILED,
        "no",
        ("log",),
    )
    assert final_state(ImageState.NEW, None, opaque)[0] is ImageState.MEASURE_FAILED
    assert final_state(ImageState.CHANGED, opaque, image(1))[0] is ImageState.MEASURE_FAILED
