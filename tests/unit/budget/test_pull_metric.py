"""`metric: pull`: limits on what a machine with the old image, or with none, must download."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budget.approval import apply_approval, measure_growth
from bot.budget.comment_news import is_worth_comment
from bot.budget.judge import check_budgets
from bot.budget.untrusted_report import rejudge
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import Approval, Check, ImageReport, ImageState, Outcome
from bot.model.spec import Budget, GrowthLimit
from bot.report.document.report_document import from_document, to_document
from tests.support.image_world import HEAD, budget, compared, image, review

MB = 1_000_000
ALICE = Approval("image-size-approved", "alice", "2026-01-01T00:00:00Z", is_valid=True)
# A registry stores 40 % of each size: 20 MB of `x`, 40 MB of `y`.
OLD = "FROM a 100MB / COPY x 50MB / RUN y 100MB"
# One byte more in `x`: `y`, which comes after it, is another layer, and as large as before.
REBUILT = "FROM a 100MB / COPY x 50MB ~2 / RUN y 100MB ~2"


def by_pull(max_size: str = "", max_growth: str = "", **fields: object) -> Budget:
    return budget(max_size, max_growth, metric=Metric.PULL, **fields)


def check_of(report: ImageReport) -> Check:
    (check,) = report.checks
    return check


@pytest.mark.parametrize(
    ("limit", "result", "reason"),
    [
        ("60MB", Outcome.PASS, "60.0 MB to pull, of at most 60 MB"),
        ("50MB", Outcome.FAIL, "10.0 MB more to pull than the 50 MB allowed"),
    ],
)
def test_growth_is_what_a_machine_with_the_old_image_downloads(
    limit: str, result: Outcome, reason: str
) -> None:
    check = check_of(compared(OLD, REBUILT, by_pull(max_growth=limit)))
    assert (check.result, check.observed, check.reason) == (result, 60 * MB, reason)


def test_a_percentage_is_of_the_download_of_the_old_image() -> None:
    limits = Budget(metric=Metric.PULL, max_growth=GrowthLimit(percent=50))
    check = check_of(compared(OLD, REBUILT, limits))
    assert (check.limit, check.result) == (50 * MB, Outcome.FAIL)


def test_the_same_layers_need_no_download_however_they_are_judged() -> None:
    check = check_of(compared(OLD, OLD, by_pull(max_growth="0B", ignore_below=0)))
    assert (check.result, check.observed) == (Outcome.PASS, 0)


def test_a_smaller_image_of_new_layers_is_a_download_all_the_same() -> None:
    check = check_of(compared(OLD, "FROM a 100MB / RUN y 75MB", by_pull(max_growth="20MB")))
    assert (check.result, check.observed) == (Outcome.FAIL, 30 * MB)


def test_size_is_the_download_of_the_whole_image() -> None:
    check = check_of(compared(None, OLD, by_pull("99MB"), state=ImageState.NEW))
    assert (check.result, check.observed) == (Outcome.FAIL, 100 * MB)
    assert check.metric is Metric.COMPRESSED


def test_a_size_that_was_over_its_limit_before_warns_whatever_is_built_anew() -> None:
    check = check_of(compared(OLD, REBUILT, by_pull("99MB")))
    assert check.result is Outcome.WARN
    assert "as it was before this change (±0 B)" in check.reason


@pytest.mark.parametrize(
    ("state", "result"),
    [
        (ImageState.NEW, Outcome.SKIP),
        (ImageState.NO_BASELINE, Outcome.WARN),
        (ImageState.BASE_BUILD_FAILED, Outcome.SKIP),
    ],
)
def test_without_an_old_image_no_download_of_an_update_is_judged(
    state: ImageState, result: Outcome
) -> None:
    check = check_of(compared(None, OLD, by_pull(max_growth="1MB"), state=state))
    assert (check.result, check.observed) == (result, None)


def estimated(world: str) -> Image:
    return image(world, exact=False, compressed_error=0.02)


def test_an_estimated_download_says_so_and_how_far_it_may_be_off() -> None:
    """Only the layers to download count for the error: the base image is there already."""
    report = compared(estimated(OLD), estimated(REBUILT), by_pull(max_growth="60.5MB"))
    check = check_of(report)
    assert (check.margin, check.result) == (1_200_000, Outcome.WARN)
    assert check.reason.endswith("estimated to ±1.20 MB: too close to call")
    whole = check_of(compared(None, estimated(OLD), by_pull("200MB"), state=ImageState.NEW))
    assert (whole.margin, whole.result) == (2 * MB, Outcome.PASS)
    same = check_of(compared(estimated(OLD), estimated(OLD), by_pull(max_growth="1B")))
    assert (same.margin, same.result) == (0, Outcome.PASS)


def test_another_metric_is_another_limit_and_both_count() -> None:
    comparison = compared(OLD, REBUILT).comparison
    strict, loose = by_pull(max_growth="1MB"), budget(max_growth="1MB")
    for head, base in ((strict, loose), (loose, strict)):
        checks = check_budgets(comparison, (head, base), ImageState.CHANGED)
        results = {check.metric: check.result for check in checks}
        assert results == {Metric.PULL: Outcome.FAIL, Metric.UNPACKED: Outcome.PASS}


def approve(report: ImageReport, at: ImageReport) -> Outcome:
    given_at = measure_growth(review(at), HEAD.sha)
    return apply_approval(review(report), ALICE, given_at, "f" * 40).verdict


def test_an_approval_lifts_the_download_it_was_given_for_and_no_larger_one() -> None:
    limits = by_pull(max_growth="10MB")
    small = compared(OLD, "FROM a 100MB / COPY x 50MB / RUN y 100MB ~2", limits)
    large = compared(OLD, REBUILT, limits)
    assert small.verdict is large.verdict is Outcome.FAIL
    assert (approve(large, at=large), approve(large, at=small)) == (Outcome.WARN, Outcome.FAIL)
    reason = (
        apply_approval(review(large), ALICE, measure_growth(review(large), HEAD.sha), "f" * 40)
        .images[0]
        .checks[0]
        .reason
    )
    assert reason.endswith("approved by alice for 60.0 MB to pull")


def test_an_approval_of_followed_sizes_is_for_the_size_and_not_the_download() -> None:
    follows = replace(by_pull("104MB"), follows_size=True)
    grown = "FROM a 100MB / COPY x 50MB ~2 / RUN y 115MB ~2"
    report = compared(OLD, grown, follows)
    assert report.verdict is Outcome.FAIL
    # Six megabytes more, in a download of 66: an earlier commit with 66 to download grew by two.
    earlier = compared(OLD, "FROM a 100MB / COPY x 60MB ~3 / RUN y 95MB ~3", follows)
    assert approve(report, at=report) is Outcome.WARN
    assert approve(report, at=earlier) is Outcome.FAIL


def test_a_download_below_the_threshold_is_no_news() -> None:
    """The threshold of downloads is exceeded, not reached, as without such a budget."""
    passes = review(compared(OLD, REBUILT, by_pull(max_growth="1GB")))
    assert (is_worth_comment(passes, 60 * MB), is_worth_comment(passes, 60 * MB - 1)) == (
        False,
        True,
    )


def test_a_document_has_the_metric_and_the_download() -> None:
    report = review(compared(OLD, REBUILT, by_pull("200MB", "50MB")))
    document = to_document(report)
    (written,) = document["images"]
    # Each is the field of the image that has what was observed.
    fields = {check["name"]: (check["metric"], check["observed"]) for check in written["checks"]}
    assert fields == {
        "max-size": ("compressed_bytes", written["head"]["compressed_bytes"]),
        "max-growth": ("pull_bytes", written["pull_bytes"]),
    }
    assert (written["budget"]["metric"], written["pull_bytes"]) == ("pull", 60 * MB)
    (read,) = from_document(document).images
    assert (read.spec.budget, read.checks) == (
        report.images[0].spec.budget,
        report.images[0].checks,
    )
    assert rejudge(from_document(document)).verdict is Outcome.FAIL


@pytest.mark.parametrize(
    ("before", "after", "state", "pulled"),
    [
        (OLD, REBUILT, ImageState.CHANGED, 60 * MB),
        (OLD, OLD, ImageState.UNCHANGED, 0),
        (None, OLD, ImageState.NEW, 100 * MB),
        (None, OLD, ImageState.NO_BASELINE, 100 * MB),
        (None, OLD, ImageState.BASE_BUILD_FAILED, None),
        (None, OLD, ImageState.MEASURE_FAILED, None),
        (OLD, None, ImageState.REMOVED, None),
        (None, None, ImageState.UNCHANGED, None),
    ],
)
def test_pull_bytes_of_an_image(
    before: str | None, after: str | None, state: ImageState, pulled: int | None
) -> None:
    document = to_document(review(compared(before, after, state=state)))
    assert document["images"][0]["pull_bytes"] == pulled


def test_a_report_whose_download_does_not_add_up_is_refused() -> None:
    document = to_document(review(compared(OLD, REBUILT)))
    document["images"][0]["pull_bytes"] -= 1
    with pytest.raises(ValueError, match=r"pull_bytes is 59999999, but should be 60000000"):
        from_document(document)
    del document["images"][0]["pull_bytes"]
    assert from_document(document).images


_LAYERS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3)), min_size=1, max_size=5)


def _make_image(layers: list[tuple[int, int]]) -> Image:
    return image(
        " / ".join(
            f"{'RUN' if number else 'FROM'} x{number} {size}MB ~{version}"
            for number, (size, version) in enumerate(layers)
        )
    )


@given(_LAYERS, _LAYERS, st.integers(0, 30), st.integers(0, 30))
def test_downloads_are_bounded_by_the_image_and_never_negative(
    before: list[tuple[int, int]], after: list[tuple[int, int]], size: int, growth: int
) -> None:
    base, head = _make_image(before), _make_image(after)
    limits = by_pull(f"{size}MB", f"{growth}MB", ignore_below=0)
    report = compared(base, head, limits)
    checks = {check.name: check for check in report.checks}
    pulled = checks["max-growth"].observed or 0
    delta = report.comparison.delta
    assert delta is not None
    assert max(0, delta.compressed_bytes) <= pulled <= head.compressed_bytes
    assert checks["max-size"].observed == head.compressed_bytes
    assert (checks["max-growth"].result is Outcome.PASS) is (pulled <= growth * MB)
    assert from_document(to_document(review(report))).images[0].checks == report.checks
