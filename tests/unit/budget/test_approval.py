"""An approval lets growth pass, and nothing else."""

import pytest

from bot.budget.approval import add_approval_hint, apply_approval, job_verdict
from bot.model.report import Approval, ImageState, Outcome
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import budget, compared, review, unchanged

ALICE = Approval("image-size-approved", "alice", "2026-01-02 03:04 UTC", is_valid=True)
MALLORY = Approval("image-size-approved", "mallory", "2026-01-02 03:04 UTC", is_valid=False)
GROWN = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="5MB"))


def test_approved_growth_warns_and_does_not_count() -> None:
    report = apply_approval(review(GROWN), ALICE)
    (check,) = report.images[0].checks
    assert (check.result, check.approved) == (Outcome.WARN, True)
    assert (report.verdict, job_verdict(report)) == (Outcome.WARN, Outcome.PASS)


def test_the_page_says_who_and_when() -> None:
    page = render_markdown(apply_approval(review(GROWN), ALICE))
    assert "more than the +5 MB allowed, approved by alice" in page.split("\n")[0]
    assert "<code>alice</code>" in page
    assert "2026-01-02 03&#58;04 UTC" in page
    assert "nothing; the growth is approved" in page.lower()


def test_a_label_set_without_write_permission_is_only_mentioned() -> None:
    report = apply_approval(review(GROWN), MALLORY)
    assert report.images == (GROWN,)
    assert report.verdict is Outcome.FAIL
    assert "it does not count" in render_markdown(report)


def test_an_exceeded_size_cap_is_not_approved() -> None:
    capped = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget("20MB", "5MB"))
    report = apply_approval(review(capped), ALICE)
    assert (report.verdict, job_verdict(report)) == (Outcome.FAIL, Outcome.FAIL)


@pytest.mark.parametrize("approval", [None, ALICE])
def test_passing_checks_are_unchanged(approval: Approval | None) -> None:
    fine = review(unchanged("web"))
    assert apply_approval(fine, approval).images == fine.images
    assert job_verdict(fine) is Outcome.PASS
    assert job_verdict(review()) is Outcome.PASS


def test_an_old_excess_still_warns_with_an_approval() -> None:
    debt = compared("FROM a 30MB", "FROM a 30MB", budget("20MB"))
    assert job_verdict(apply_approval(review(GROWN, debt), ALICE)) is Outcome.WARN


def test_a_failure_is_not_approved() -> None:
    broken = compared(None, None, state=ImageState.HEAD_BUILD_FAILED, reason="no")
    assert job_verdict(apply_approval(review(broken), ALICE)) is Outcome.ERROR


def test_the_page_says_how_growth_could_be_approved() -> None:
    hinted = add_approval_hint(review(GROWN), "big-is-fine")
    assert "can set the label &#39;big-is-fine&#39;" in render_markdown(hinted)
    assert add_approval_hint(hinted, "big-is-fine") == hinted
    assert add_approval_hint(apply_approval(review(GROWN), ALICE), "x").notes == ()
    assert add_approval_hint(review(unchanged("web")), "x").notes == ()
