"""Two budgets in words."""

import pytest

from bot.model.metric import Metric
from bot.model.report import Outcome
from bot.model.spec import Budget, GrowthLimit
from bot.project.budget_changes import compare_budgets

MB = 1_000_000
AUTO = Budget(follows_size=True)


def describe(base: Budget, head: Budget) -> list[str]:
    changes = compare_budgets(base, head, "all images", "x.yml")
    marks = {Outcome.WARN: "looser ", Outcome.PASS: ""}
    return [f"{marks[x.result]}{x.subject}: {x.before} → {x.after}" for x in changes]


def growth(amount: int | None = None, percent: float | None = None) -> Budget:
    return Budget(max_growth=GrowthLimit(amount, percent))


def test_equal_budgets_have_no_changes() -> None:
    assert describe(growth(MB), growth(MB)) == []


@pytest.mark.parametrize(
    ("base", "head", "line"),
    [
        (AUTO, Budget(max_size=MB), "looser the size limit of all images: auto → 1 MB"),
        (Budget(max_size=MB), AUTO, "looser the size limit of all images: 1 MB → auto"),
        (Budget(), AUTO, "the size limit of all images: none → auto"),
        (AUTO, Budget(), "looser the size limit of all images: auto → none"),
        (
            AUTO,
            Budget(follows_size=True, ratchet_runs=5),
            "looser the recorded sizes (ratchet-runs) of the size limit of all images: 20 → 5",
        ),
        (
            AUTO,
            Budget(follows_size=True, ratchet_runs=50),
            "the recorded sizes (ratchet-runs) of the size limit of all images: 20 → 50",
        ),
        (growth(MB), growth(100_000 * MB), "looser the growth limit of all images: 1 MB → 100 GB"),
        (growth(2 * MB), growth(MB), "the growth limit of all images: 2 MB → 1 MB"),
        (growth(MB), Budget(), "looser the growth limit of all images: 1 MB → none"),
        (Budget(), growth(MB), "the growth limit of all images: none → 1 MB"),
        (growth(MB), growth(MB, 5), "looser the growth limit of all images: 1 MB → 1 MB or 5 %"),
        (growth(MB, 5), growth(MB), "the growth limit of all images: 1 MB or 5 % → 1 MB"),
        (growth(MB), growth(None, 1), "looser the growth limit of all images: 1 MB → 1 %"),
        (growth(None, 1), growth(1), "looser the growth limit of all images: 1 % → 1 B"),
        (
            Budget(max_size=MB),
            Budget(max_size=2 * MB),
            "looser the size limit of all images: 1 MB → 2 MB",
        ),
        (
            Budget(warn_size=MB),
            Budget(warn_size=2 * MB),
            "looser the size limit for a warning of all images: 1 MB → 2 MB",
        ),
        (
            Budget(warn_growth=GrowthLimit(MB)),
            Budget(),
            "looser the growth limit for a warning of all images: 1 MB → none",
        ),
        (
            Budget(max_waste=GrowthLimit(MB)),
            Budget(max_waste=GrowthLimit(MB, 5)),
            "looser the limit on waste (max-waste) of all images: 1 MB → 1 MB or 5 %",
        ),
        (
            Budget(),
            Budget(max_waste=GrowthLimit(percent=5)),
            "the limit on waste (max-waste) of all images: none → 5 %",
        ),
        (
            Budget(max_layers=9),
            Budget(max_layers=10),
            "looser the limit on layers (max-layers) of all images: 9 → 10",
        ),
        (
            Budget(max_layers=9),
            Budget(),
            "looser the limit on layers (max-layers) of all images: 9 → none",
        ),
        (
            Budget(max_layers=9),
            Budget(max_layers=8),
            "the limit on layers (max-layers) of all images: 9 → 8",
        ),
        (
            Budget(),
            Budget(warn_growth=GrowthLimit(percent=5)),
            "the growth limit for a warning of all images: none → 5 %",
        ),
        (Budget(max_size=MB), Budget(), "looser the size limit of all images: 1 MB → none"),
        (Budget(), Budget(max_size=MB), "the size limit of all images: none → 1 MB"),
        (
            Budget(),
            Budget(ignore_below=100_000 * MB),
            "looser the growth that is ignored (ignore-below) of all images: 2 kB → 100 GB",
        ),
        (
            Budget(),
            Budget(ignore_below=0),
            "the growth that is ignored (ignore-below) of all images: 2 kB → 0 B",
        ),
        (
            Budget(),
            Budget(metric=Metric.FILESYSTEM),
            "looser the metric of all images: unpacked → filesystem",
        ),
    ],
)
def test_a_change_is_told_with_what_was_before(base: Budget, head: Budget, line: str) -> None:
    assert describe(base, head) == [line]


def test_limits_that_look_alike_are_still_different() -> None:
    """Three digits are shown: 1.0001 MB is looser than 1 MB, and must not pass as equal."""
    assert describe(growth(MB), growth(MB + 100)) == [
        "looser the growth limit of all images: 1,000,000 B → 1,000,100 B"
    ]
