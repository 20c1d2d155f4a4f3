"""Limits that warn, below those that fail: of the size and of the growth, by both rules."""

from dataclasses import replace

import pytest

from bot.budget.approval import apply_approval, job_verdict, measure_growth
from bot.budget.judge import check_budgets, image_verdict
from bot.budget.untrusted_report import hold_to_rules, rejudge
from bot.model.comparison import BaseOrHead
from bot.model.report import Approval, Check, ImageReport, ImageState, Outcome
from bot.model.spec import Budget, GrowthLimit
from bot.report.document.report_document import from_document, to_document
from tests.support.image_world import HEAD, compared, review

MB = 1_000_000
ALICE = Approval("image-size-approved", "alice", "2026-01-01T00:00:00Z", is_valid=True)


def grown(before: float, after: float, budget: Budget) -> ImageReport:
    return compared(
        f"FROM a {before}MB", f"FROM a {before}MB / RUN x {after - before:.3f}MB", budget
    )


def checks(image: ImageReport) -> dict[str, Outcome]:
    return {check.name: check.result for check in image.checks}


def growth(amount: int | None = None, percent: float | None = None) -> GrowthLimit:
    return GrowthLimit(amount, percent)


SIZES = Budget(max_size=300 * MB, warn_size=250 * MB)
GROWTHS = Budget(max_growth=growth(10 * MB), warn_growth=growth(2 * MB))


@pytest.mark.parametrize(
    ("after", "expected", "verdict"),
    [
        (250, {"max-size": Outcome.PASS, "warn-size": Outcome.PASS}, Outcome.PASS),
        (251, {"max-size": Outcome.PASS, "warn-size": Outcome.WARN}, Outcome.WARN),
        (301, {"max-size": Outcome.FAIL, "warn-size": Outcome.WARN}, Outcome.FAIL),
    ],
)
def test_a_size_warns_before_it_fails(
    after: int, expected: dict[str, Outcome], verdict: Outcome
) -> None:
    image = grown(200, after, SIZES)
    assert (checks(image), image.verdict) == (expected, verdict)


@pytest.mark.parametrize(
    ("after", "expected", "verdict"),
    [
        (102, {"max-growth": Outcome.PASS, "warn-growth": Outcome.PASS}, Outcome.PASS),
        (103, {"max-growth": Outcome.PASS, "warn-growth": Outcome.WARN}, Outcome.WARN),
        (111, {"max-growth": Outcome.FAIL, "warn-growth": Outcome.WARN}, Outcome.FAIL),
    ],
)
def test_a_growth_warns_before_it_fails(
    after: int, expected: dict[str, Outcome], verdict: Outcome
) -> None:
    image = grown(100, after, GROWTHS)
    assert (checks(image), image.verdict) == (expected, verdict)


def test_a_limit_for_a_warning_alone_never_fails() -> None:
    image = grown(1, 900, Budget(warn_size=2, warn_growth=growth(3, 1)))
    assert set(checks(image).values()) == {Outcome.WARN}
    assert job_verdict(review(image)) is Outcome.WARN


def test_a_growth_that_is_ignored_does_not_warn() -> None:
    budget = Budget(warn_growth=growth(0))
    assert checks(grown(100, 100.002, budget)) == {"warn-growth": Outcome.PASS}
    assert checks(grown(100, 100.003, budget)) == {"warn-growth": Outcome.WARN}


def test_of_two_parts_the_larger_one_counts() -> None:
    budget = Budget(warn_growth=growth(2 * MB, 5))
    assert checks(grown(100, 104, budget)) == {"warn-growth": Outcome.PASS}
    assert checks(grown(100, 106, budget)) == {"warn-growth": Outcome.WARN}


def test_a_size_that_was_too_large_before_warns_still() -> None:
    image = grown(260, 260, SIZES)
    assert checks(image) == {"max-size": Outcome.PASS, "warn-size": Outcome.WARN}


@pytest.mark.parametrize(
    ("state", "result"),
    [(ImageState.NEW, Outcome.SKIP), (ImageState.NO_BASELINE, Outcome.WARN)],
)
def test_a_growth_that_is_unknown_is_not_judged(state: ImageState, result: Outcome) -> None:
    image = compared(None, "FROM a 9MB", GROWTHS, state=state)
    assert checks(image) == {"max-growth": result, "warn-growth": result}


def judge(base: Budget, head: Budget) -> tuple[dict[str, Check], Outcome]:
    image = grown(100, 105, head)
    by_both = check_budgets(image.comparison, (head, base), ImageState.CHANGED)
    return {x.name: x for x in by_both}, image_verdict(by_both, ImageState.CHANGED)


def test_a_change_cannot_take_away_the_warning_of_base() -> None:
    strict, loose = Budget(warn_growth=growth(MB)), Budget(warn_growth=growth(100 * MB))
    for base, head in ((strict, loose), (loose, strict), (strict, Budget()), (Budget(), strict)):
        by_name, verdict = judge(base, head)
        assert verdict is Outcome.WARN
        side = BaseOrHead.BASE if base is strict else BaseOrHead.HEAD
        assert by_name["warn-growth"].source is side


def test_an_approval_covers_the_warning_as_well() -> None:
    """With `fail-on: warn` the warning is red, and the label must be able to let it pass."""
    for after in (105, 120):
        image = grown(100, after, GROWTHS)
        given_at = measure_growth(review(image), HEAD.sha)
        approved = apply_approval(review(image), ALICE, given_at, HEAD.sha)
        assert job_verdict(approved) is Outcome.PASS
        assert approved.verdict is Outcome.WARN


def test_an_approval_does_not_cover_the_size() -> None:
    image = grown(100, 260, SIZES)
    given_at = measure_growth(review(image), HEAD.sha)
    assert job_verdict(apply_approval(review(image), ALICE, given_at, HEAD.sha)) is Outcome.WARN


def test_an_unknown_growth_is_not_approved() -> None:
    image = compared(None, "FROM a 9MB", GROWTHS, state=ImageState.NO_BASELINE)
    given_at = measure_growth(review(image), HEAD.sha)
    approved = apply_approval(review(image), ALICE, given_at, HEAD.sha)
    assert not any(check.approved for check in approved.images[0].checks)


def test_the_document_has_the_limits() -> None:
    budget = replace(SIZES, warn_growth=growth(MB, 2.5))
    report = review(grown(100, 260, budget))
    document = to_document(report)
    assert document["images"][0]["budget"]["warn_size"] == 250 * MB
    assert document["images"][0]["budget"]["warn_growth"] == {"bytes": MB, "percent": 2.5}
    (image,) = from_document(document).images
    assert (image.spec.budget, image.checks) == (budget, report.images[0].checks)


def test_a_document_from_before_these_limits_is_read() -> None:
    document = to_document(review(grown(100, 101, SIZES)))
    for image in document["images"]:
        del image["budget"]["warn_size"], image["budget"]["warn_growth"]
    (image,) = from_document(document).images
    assert image.spec.budget == Budget(max_size=300 * MB)


def test_an_untrusted_report_is_judged_again_by_these_limits() -> None:
    image = grown(100, 260, SIZES)
    harmless = tuple(replace(check, result=Outcome.PASS) for check in image.checks)
    claimed = review(replace(image, checks=harmless, verdict=Outcome.PASS))
    assert rejudge(claimed).verdict is Outcome.WARN
    without = review(grown(100, 260, Budget()))
    assert hold_to_rules(rejudge(without), lambda _: SIZES).verdict is Outcome.WARN
