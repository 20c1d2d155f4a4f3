"""Limits on what the Dockerfile's layers waste and on the number of layers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budget.approval import apply_approval, measure_growth
from bot.budget.judge import check_budgets, image_verdict
from bot.budget.layer_limits import waste_limit
from bot.budget.untrusted_report import hold_to_rules, rejudge
from bot.model.comparison import BaseOrHead
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import Approval, Check, ImageReport, ImageState, Outcome
from bot.model.spec import Budget, GrowthLimit
from bot.report.document.report_document import from_document, to_document
from tests.support.image_world import HEAD, compared, image, review

MB = 1_000_000
ALICE = Approval("image-size-approved", "alice", "2026-01-01T00:00:00Z", is_valid=True)
# Of 100 MB the Dockerfile adds 40, of which it wastes 8; the base image wastes 30 of its own.
WASTEFUL = "FROM a 60MB waste 30MB / RUN x 30MB waste 8MB / COPY y 10MB"


def waste(amount: int | None = None, percent: float | None = None) -> Budget:
    return Budget(max_waste=GrowthLimit(amount, percent))


def check_of(report: ImageReport) -> Check:
    (check,) = report.checks
    return check


def hide_base(world: str) -> Image:
    """Return an image of which nobody knows what its base image is."""
    built = image(world)
    layers = (replace(x, from_base_image=False, instruction=None) for x in built.layers)
    return replace(built, layers=tuple(layers))


@pytest.mark.parametrize(
    ("budget", "result", "limit"),
    [
        (waste(8 * MB), Outcome.PASS, 8 * MB),
        (waste(8 * MB - 1), Outcome.FAIL, 8 * MB - 1),
        (waste(percent=20), Outcome.PASS, 8 * MB),
        (waste(percent=19), Outcome.FAIL, 7_600_000),
        (waste(1, 20), Outcome.PASS, 8 * MB),
        (waste(8 * MB, 1), Outcome.PASS, 8 * MB),
        (waste(1, 1), Outcome.FAIL, 400_000),
        (waste(0), Outcome.FAIL, 0),
        (Budget(max_layers=3), Outcome.PASS, 3),
        (Budget(max_layers=2), Outcome.FAIL, 2),
    ],
)
def test_a_new_image_is_held_to_limits_on_its_layers(
    budget: Budget, result: Outcome, limit: int
) -> None:
    check = check_of(compared(None, WASTEFUL, budget, state=ImageState.NEW))
    observed = 3 if budget.max_layers else 8 * MB
    assert (check.result, check.observed, check.limit) == (result, observed, limit)


def test_the_waste_of_a_base_image_is_not_the_dockerfiles() -> None:
    check = check_of(compared(None, "FROM a 60MB waste 30MB / COPY y 10MB", waste(0)))
    assert (check.result, check.observed) == (Outcome.PASS, 0)


def test_of_an_unknown_base_image_all_waste_counts_and_the_reason_says_so() -> None:
    check = check_of(compared(None, hide_base(WASTEFUL), waste(10 * MB)))
    assert (check.result, check.observed) == (Outcome.FAIL, 38 * MB)
    assert "with that of its base image, which is not known" in check.reason
    clean = check_of(compared(None, hide_base("FROM a 60MB"), waste(0)))
    assert (clean.result, clean.reason) == (Outcome.PASS, "0 B of waste, of at most 0 B")


def test_reasons_name_the_numbers() -> None:
    reasons = [
        check_of(compared(None, WASTEFUL, budget)).reason
        for budget in (waste(8 * MB), waste(percent=25), waste(5 * MB), Budget(max_layers=2))
    ]
    assert reasons == [
        "8.00 MB of waste, of at most 8 MB",
        "8.00 MB of waste, of at most 10.0 MB (25 % of 40.0 MB)",
        "8.00 MB of waste, 3.00 MB over the limit",
        "3 layers, 1 over the limit",
    ]


@pytest.mark.parametrize(
    ("before", "after", "budget", "result"),
    [
        # The same waste in a change of 90 MB; a little more; more than is ignored.
        ("RUN x 30MB waste 8MB", "RUN x 120MB waste 8MB", waste(MB), Outcome.WARN),
        ("RUN x 30MB waste 8MB", "RUN x 30MB waste 8.002MB", waste(MB), Outcome.WARN),
        ("RUN x 30MB waste 8MB", "RUN x 30MB waste 8.003MB", waste(MB), Outcome.FAIL),
        ("RUN x 30MB waste 8MB", "RUN x 30MB waste 7MB", waste(MB), Outcome.WARN),
        # The limit held before.
        ("RUN x 30MB waste 1MB", "RUN x 30MB waste 1.001MB", waste(MB), Outcome.FAIL),
        ("RUN x 30MB", "RUN x 60MB / RUN y 1B", Budget(max_layers=2), Outcome.FAIL),
        # It was exceeded: as many layers, fewer, one more of a single byte.
        ("RUN x 1MB / RUN y 1MB", "RUN x 90MB / RUN y 1B", Budget(max_layers=1), Outcome.WARN),
        ("RUN x 1MB / RUN y 1MB", "RUN x 90MB", Budget(max_layers=1), Outcome.WARN),
        ("RUN x 1MB", "RUN x 1MB / RUN y 1B", Budget(max_layers=1), Outcome.FAIL),
    ],
)
def test_a_limit_that_was_exceeded_before_warns_unless_it_gets_worse(
    before: str, after: str, budget: Budget, result: Outcome
) -> None:
    check = check_of(compared(f"FROM a 60MB / {before}", f"FROM a 60MB / {after}", budget))
    assert check.result is result
    assert ("as it was before this change" in check.reason) is (result is Outcome.WARN)


def test_an_older_image_with_an_unknown_base_image_excuses_nothing() -> None:
    old = hide_base("FROM a 60MB waste 30MB / RUN x 30MB")
    check = check_of(compared(old, WASTEFUL, waste(5 * MB)))
    assert (check.observed, check.result) == (8 * MB, Outcome.FAIL)


@pytest.mark.parametrize("strict", [waste(MB), Budget(max_layers=2)])
def test_a_change_cannot_loosen_the_limits_of_base(strict: Budget) -> None:
    report = compared("FROM a 60MB / RUN x 1MB", WASTEFUL)
    loose = replace(strict, metric=Metric.FILESYSTEM)
    loose = replace(loose, max_waste=None, max_layers=None)
    for base, head in ((strict, loose), (loose, strict)):
        (check,) = check_budgets(report.comparison, (head, base), ImageState.CHANGED)
        side = BaseOrHead.BASE if base is strict else BaseOrHead.HEAD
        assert (check.result, check.source) == (Outcome.FAIL, side)
    # The metric is of no matter: it is one limit on both sides.
    other = replace(strict, metric=Metric.COMPRESSED)
    assert len(check_budgets(report.comparison, (strict, other), ImageState.CHANGED)) == 1


@pytest.mark.parametrize("budget", [waste(MB), Budget(max_layers=2)])
def test_an_approval_does_not_lift_a_limit_on_layers(budget: Budget) -> None:
    report = review(compared("FROM a 60MB", WASTEFUL, budget))
    given_at = measure_growth(report, HEAD.sha)
    assert apply_approval(report, ALICE, given_at, HEAD.sha).verdict is Outcome.FAIL


def test_the_document_has_the_limits_and_names_what_they_are_about() -> None:
    budget = replace(waste(MB, 2.5), max_layers=2)
    report = review(compared("FROM a 60MB", WASTEFUL, budget))
    document = to_document(report)
    (written,) = document["images"]
    assert written["budget"]["max_waste"] == {"bytes": MB, "percent": 2.5}
    assert written["budget"]["max_layers"] == 2
    assert [(x["name"], x["metric"], x["observed"]) for x in written["checks"]] == [
        ("max-waste", "own_wasted_bytes", written["head"]["own_wasted_bytes"]),
        ("max-layers", "layers", len(written["head"]["layers"])),
    ]
    (read,) = from_document(document).images
    assert (read.spec.budget, read.checks) == (budget, report.images[0].checks)


def test_a_document_from_before_these_limits_is_read() -> None:
    document = to_document(review(compared("FROM a 60MB", WASTEFUL, Budget(max_size=1))))
    del document["images"][0]["budget"]["max_waste"], document["images"][0]["budget"]["max_layers"]
    assert from_document(document).images[0].spec.budget == Budget(max_size=1)


@pytest.mark.parametrize("budget", [waste(MB), Budget(max_layers=2)])
def test_an_untrusted_report_is_judged_again_by_these_limits(budget: Budget) -> None:
    report = compared("FROM a 60MB", WASTEFUL, budget)
    harmless = tuple(replace(check, result=Outcome.PASS) for check in report.checks)
    claimed = review(replace(report, checks=harmless, verdict=Outcome.PASS))
    assert rejudge(claimed).verdict is Outcome.FAIL
    without = review(compared("FROM a 60MB", WASTEFUL, Budget()))
    assert hold_to_rules(rejudge(without), lambda _: budget).verdict is Outcome.FAIL


_LAYERS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=5
)
_LIMITS = st.tuples(
    st.none() | st.integers(0, 20 * MB), st.none() | st.floats(0, 200, allow_nan=False)
)


def _make_image(layers: list[tuple[int, int, bool]]) -> Image:
    words = ("FROM", "RUN")
    return image(
        " / ".join(
            f"{words[is_own or number > 0]} x{number} {size}MB waste {min(size, wasted)}MB"
            for number, (size, wasted, is_own) in enumerate(layers)
        )
    )


@given(_LAYERS, _LAYERS, _LIMITS, st.integers(1, 6))
def test_a_limit_on_layers_fails_only_above_it_and_only_for_what_got_worse(
    before: list[tuple[int, int, bool]],
    after: list[tuple[int, int, bool]],
    allowed: tuple[int | None, float | None],
    most: int,
) -> None:
    base, head, limit = _make_image(before), _make_image(after), GrowthLimit(*allowed)
    budget = Budget(max_waste=limit, max_layers=most, ignore_below=MB)
    report = compared(base, head, budget)
    checks = {check.name: check for check in report.checks}
    wasted, counted = checks["max-waste"], checks["max-layers"]
    assert (wasted.result is Outcome.PASS) is (head.own_wasted_bytes <= waste_limit(limit, head))
    assert (counted.result is Outcome.PASS) is (len(head.layers) <= most)
    if wasted.result is Outcome.WARN:
        assert head.own_wasted_bytes - base.own_wasted_bytes <= MB
        assert base.own_wasted_bytes > waste_limit(limit, base)
    if counted.result is Outcome.WARN:
        assert most < len(head.layers) <= len(base.layers)
    assert image_verdict(report.checks, ImageState.CHANGED) is report.verdict
