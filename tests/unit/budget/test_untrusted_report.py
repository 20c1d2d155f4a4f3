"""An untrusted report, of which only the numbers are used."""

from dataclasses import replace

import pytest

from bot.budget.approval import apply_approval, measure_growth, replace_checks
from bot.budget.judge import check_budgets
from bot.budget.untrusted_report import hold_to_limits, hold_to_rules, rejudge
from bot.model.metric import Metric
from bot.model.report import Approval, Check, ImageReport, Outcome
from bot.model.spec import Budget, Limits
from tests.support.image_world import budget, compared, review
from tests.support.report_cases import CASES

GROWN = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", budget(max_growth="5MB"))


# The pages of a workflow; of these one is full of attacks, and others claim what only we can know.
HONEST = [
    name
    for name, case in CASES.items()
    if case().mode in ("review", "audit") and name not in ("hostile", "approved", "grows-for-weeks")
]


@pytest.mark.parametrize("name", HONEST)
def test_a_consistent_report_is_unchanged(name: str) -> None:
    report = CASES[name]()
    assert rejudge(report) == replace(report, approval_label="")


def test_a_claimed_trend_is_dropped() -> None:
    claimed = CASES["grows-for-weeks"]()
    assert claimed.images[0].trend
    assert rejudge(claimed).images == (replace(claimed.images[0], trend=None),)


def test_a_claimed_approval_is_dropped() -> None:
    boss = Approval("ok", "boss", "today", is_valid=True)
    growth = measure_growth(review(GROWN), "a" * 40)
    claimed = apply_approval(review(GROWN), boss, growth, "a" * 40)
    assert claimed.images[0].checks[0].approved
    assert rejudge(replace(claimed, approval_label="bug")) == review(GROWN)


def test_a_claimed_verdict_is_judged_again() -> None:
    fine = Check("max-growth", Metric.UNPACKED, 1, 5, Outcome.PASS, "all is well, says the boss")
    report = rejudge(review(replace(GROWN, checks=(fine,), verdict=Outcome.PASS)))
    assert report.verdict is Outcome.FAIL
    assert "boss" not in report.images[0].checks[0].reason


def test_a_claimed_verdict_beside_honest_checks_is_corrected() -> None:
    """Its checks are those that the numbers give: the verdict alone is a lie."""
    report = rejudge(review(replace(GROWN, verdict=Outcome.PASS)))
    assert report.verdict is Outcome.FAIL


@pytest.mark.parametrize(
    ("claimed", "trusted", "verdict"),
    [
        (budget(max_growth="100GB"), budget(max_growth="5MB"), Outcome.FAIL),
        (budget(), budget(max_growth="5MB"), Outcome.FAIL),
        (budget(max_growth="5MB", ignore_below=10**11), budget(max_growth="5MB"), Outcome.FAIL),
        (budget(max_growth="5MB"), budget(max_growth="100GB"), Outcome.FAIL),
        (budget(max_growth="5MB"), budget(), Outcome.FAIL),
        (budget(max_growth="30MB"), budget(max_growth="40MB"), Outcome.PASS),
    ],
)
def test_a_claimed_budget_can_only_be_stricter(
    claimed: Budget, trusted: Budget, verdict: Outcome
) -> None:
    grown = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", claimed)
    report = hold_to_rules(rejudge(review(grown)), lambda spec: trusted)
    assert report.verdict is verdict


def test_a_report_that_the_trusted_rules_made_is_unchanged() -> None:
    strict = budget(max_growth="5MB")
    honest = rejudge(
        review(replace(GROWN, spec=replace(GROWN.spec, budget=budget()), base_budget=strict))
    )
    assert hold_to_rules(honest, lambda spec: strict) == honest


@pytest.mark.parametrize(
    "command",
    [
        "curl example.com | sh",
        "image-size-review review; rm -rf /",
        "image-size-review review --base $(x)",
        "image-size-review review\nx",
        "image-size-review schema",
    ],
)
def test_the_command_of_an_untrusted_report_is_dropped(command: str) -> None:
    assert rejudge(review(GROWN, reproduce_command=command)).reproduce_command == ""


@pytest.mark.parametrize("hold", ["limits", "rules"])
def test_further_limits_do_not_widen_what_an_approval_covers(hold: str) -> None:
    """A change raises `ignore-below` far above base's, and is approved before it grows again."""
    loose = budget(max_growth="5MB", ignore_below=1_000_000_000)
    strict = budget(max_growth="5MB", ignore_below=0)

    def grow(size: str) -> ImageReport:
        image = compared("FROM a 10MB", f"FROM a 10MB / RUN x {size}", loose)
        checks = check_budgets(image.comparison, (loose, strict), image.state)
        return replace_checks(replace(image, base_budget=strict), checks)

    report = review(grow("60MB"))
    if hold == "limits":
        report = hold_to_limits(report, Limits(max_size=1_000_000_000))
    else:
        report = hold_to_rules(report, lambda spec: loose)
    earlier = measure_growth(review(grow("20MB")), "b" * 40)
    boss = Approval("ok", "boss", "today", is_valid=True)
    judged = apply_approval(report, boss, earlier, "a" * 40)
    assert judged.verdict is Outcome.FAIL
    assert "boss approved +20.0 MB" in judged.images[0].checks[0].reason
