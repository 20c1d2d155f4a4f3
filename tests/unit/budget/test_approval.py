"""An approval lets growth pass up to the size that it was given for, and nothing else."""

from dataclasses import replace

import pytest

from bot.budget.approval import apply_approval, job_verdict, measure_growth
from bot.budget.judge import check_budgets
from bot.model.approval import GrowthAtCommit, digest_image
from bot.model.check_names import BASELINE_CHECK
from bot.model.metric import Metric
from bot.model.report import Approval, Check, ImageReport, ImageState, Outcome, Report
from bot.model.spec import Budget
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import budget, compared, review, unchanged

ALICE = Approval("image-size-approved", "alice", "2026-01-02 03:04 UTC", is_valid=True)
MALLORY = Approval("image-size-approved", "mallory", "2026-01-02 03:04 UTC", is_valid=False)
GROWN = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="5MB"))
HEAD, EARLIER = "a" * 40, "b" * 40


def approve(report: Report, approval: Approval | None = ALICE) -> Report:
    """Approve a report for the growth that it has."""
    return apply_approval(report, approval, measure_growth(report, HEAD), HEAD)


def grown(megabytes: float) -> ImageReport:
    after = f"FROM a 10MB / RUN x {megabytes}MB"
    return compared("FROM a 10MB", after, budget(max_growth="5MB"))


def given_at(image: ImageReport) -> GrowthAtCommit:
    return measure_growth(review(image), EARLIER)


def test_approved_growth_warns_and_does_not_count() -> None:
    report = approve(review(GROWN))
    (check,) = report.images[0].checks
    assert (check.result, check.approved) == (Outcome.WARN, True)
    assert (report.verdict, job_verdict(report)) == (Outcome.WARN, Outcome.PASS)


def test_the_page_says_who_and_when() -> None:
    page = render_markdown(approve(review(GROWN)))
    assert "more than the +5 MB allowed, approved by alice for +20.0 MB" in page.split("\n")[0]
    assert "<code>alice</code>" in page
    assert "2026-01-02 03&#58;04 UTC" in page
    assert "nothing; the growth is approved" in page.lower()


def test_a_label_set_without_write_permission_is_only_mentioned() -> None:
    report = approve(review(GROWN), MALLORY)
    assert report.images == (GROWN,)
    assert report.verdict is Outcome.FAIL
    assert "it does not count" in render_markdown(report)


def test_an_exceeded_size_cap_is_not_approved() -> None:
    capped = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget("20MB", "5MB"))
    report = approve(review(capped))
    assert (report.verdict, job_verdict(report)) == (Outcome.FAIL, Outcome.FAIL)


@pytest.mark.parametrize("approval", [None, ALICE])
def test_passing_checks_are_unchanged(approval: Approval | None) -> None:
    fine = review(unchanged("web"))
    assert approve(fine, approval).images == fine.images
    assert job_verdict(fine) is Outcome.PASS
    assert job_verdict(review()) is Outcome.PASS


def test_an_old_excess_still_warns_with_an_approval() -> None:
    debt = compared("FROM a 30MB", "FROM a 30MB", budget("20MB"), "web")
    assert job_verdict(approve(review(GROWN, debt))) is Outcome.WARN


def test_a_failure_is_not_approved() -> None:
    broken = compared(None, None, state=ImageState.HEAD_BUILD_FAILED, reason="no")
    assert job_verdict(approve(review(broken))) is Outcome.ERROR


@pytest.mark.parametrize(
    ("approved", "later", "is_approved"),
    [(20, 20, True), (20, 20.002, True), (20, 20.003, False), (20, 12, True), (6, 20, False)],
)
def test_an_approval_goes_as_far_as_the_size_it_was_given_for(
    approved: float, later: float, *, is_approved: bool
) -> None:
    """2 kB, which the budget ignores, may be added."""
    report = apply_approval(review(grown(later)), ALICE, given_at(grown(approved)), HEAD)
    (check,) = report.images[0].checks
    assert check.approved is is_approved
    assert job_verdict(report) is (Outcome.PASS if is_approved else Outcome.FAIL)
    amount = f"+{approved:.1f} MB" if approved >= 10 else f"+{approved:.2f} MB"
    text = f"approved by alice for {amount}" if is_approved else f"alice approved {amount}"
    assert check.reason.endswith(text)


def test_of_two_images_of_one_name_the_smaller_growth_counts() -> None:
    at_commit = measure_growth(review(grown(20), grown(6)), EARLIER)
    assert at_commit == given_at(grown(6))
    assert measure_growth(review(grown(6), grown(20)), EARLIER) == at_commit


def test_what_a_change_ignores_does_not_widen_an_approval() -> None:
    """The change's own rules ignore 100 GB, those of base the usual 2 kB."""
    spec = replace(GROWN.spec, budget=replace(GROWN.spec.budget, ignore_below=10**11))
    image = replace(GROWN, spec=spec, base_budget=Budget())
    report = apply_approval(review(image), ALICE, given_at(grown(6)), HEAD)
    assert job_verdict(report) is Outcome.FAIL


def test_an_approval_for_an_unknown_commit_approves_nothing() -> None:
    report = apply_approval(review(GROWN), ALICE, None, HEAD)
    assert job_verdict(report) is Outcome.FAIL
    assert "the approval by alice may be for another commit" in report.images[0].checks[0].reason
    page = render_markdown(report)
    assert "it approves the growth of that time" in page
    assert "Growth approved by" not in page


def test_an_image_that_did_not_grow_then_is_not_approved() -> None:
    other = measure_growth(review(unchanged("web")), HEAD)
    report = apply_approval(review(GROWN), ALICE, other, HEAD)
    assert job_verdict(report) is Outcome.FAIL
    assert "given before this image grew" in report.images[0].checks[0].reason


@pytest.mark.parametrize(("commit", "is_approved"), [(HEAD, True), (EARLIER, False)])
def test_an_image_that_could_not_be_measured_is_approved_as_that_commit_has_it(
    commit: str, *, is_approved: bool
) -> None:
    broken = compared(None, None, state=ImageState.HEAD_BUILD_FAILED, reason="no network")
    at_commit = measure_growth(review(broken), commit)
    assert at_commit.unmeasured == {digest_image(GROWN.spec)}
    report = apply_approval(review(GROWN), ALICE, at_commit, HEAD)
    assert (job_verdict(report) is Outcome.PASS) is is_approved


def test_growth_is_approved_by_its_metric() -> None:
    """The metric may change after the approval: what it did not show is not approved."""
    at_commit = GrowthAtCommit(
        HEAD, {digest_image(GROWN.spec): {Metric.UNPACKED: 10**9, Metric.COMPRESSED: 1}}
    )
    by_compressed = replace(
        GROWN, checks=(replace(GROWN.checks[0], metric=Metric.COMPRESSED, observed=9_000_000),)
    )
    assert job_verdict(apply_approval(review(GROWN), ALICE, at_commit, HEAD)) is Outcome.PASS
    report = apply_approval(review(by_compressed), ALICE, at_commit, HEAD)
    assert job_verdict(report) is Outcome.FAIL


def test_a_growth_from_an_image_of_another_history_is_approved_by_nobody() -> None:
    doubt = Check(BASELINE_CHECK, Metric.UNPACKED, None, None, Outcome.WARN, "of another history")
    doubtful = replace(GROWN, checks=(*GROWN.checks, doubt))
    assert measure_growth(review(doubtful), HEAD).growth == {}
    (check,) = apply_approval(review(GROWN), ALICE, given_at(doubtful), HEAD).images[0].checks
    assert (check.result, check.approved) == (Outcome.FAIL, False)


def test_an_approval_lifts_auto_and_no_number() -> None:
    auto = Budget(max_size=12_000_000, follows_size=True)
    image = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", auto)
    assert approve(review(image)).images[0].verdict is Outcome.WARN
    budgets = (auto, Budget(max_size=25_000_000))
    checks = check_budgets(image.comparison, budgets, ImageState.CHANGED)
    (both,) = approve(review(replace(image, checks=checks))).images
    results = [(check.is_auto, check.result) for check in both.checks]
    assert results == [(True, Outcome.WARN), (False, Outcome.FAIL)]
