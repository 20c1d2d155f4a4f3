"""A limit within the possible error of an estimate."""

import pytest

from bot.budget.judge import check_budgets
from bot.compare.compare import compare_images
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import Check, ImageState, Outcome
from bot.model.spec import Budget
from bot.report.document.report_document import from_document, to_document
from bot.report.formats.markdown import render_markdown
from tests.support import image_world
from tests.support.image_world import budget, compared, review

MB = 1_000_000


def estimated(world: str, error: float = 0.02) -> Image:
    """Describe an image of which a registry stores 40 % of what is on disk, give or take 2 %."""
    return image_world.image(world, exact=False, compressed_error=error)


# Compressed 40 MB, then 50 MB: both layers of x are estimates, of ±0.8 MB and ±1 MB.
BASE, HEAD = estimated("FROM a 100MB / COPY x 100MB"), estimated("FROM a 100MB / COPY x 125MB ~2")


def check(limits: Budget, base: Image = BASE, head: Image = HEAD) -> Check:
    comparison = compare_images(base, head)
    (only,) = check_budgets(comparison, (limits, None), ImageState.CHANGED)
    return only


def by_compressed(**limits: str) -> Budget:
    return budget(**limits, metric=Metric.COMPRESSED)


@pytest.mark.parametrize(
    ("limit", "result", "is_close"),
    [
        ("12MB", Outcome.PASS, False),
        ("11MB", Outcome.WARN, True),
        ("10MB", Outcome.WARN, True),
        ("9MB", Outcome.FAIL, True),
        ("8MB", Outcome.FAIL, False),
    ],
)
def test_a_growth_within_the_margin_is_never_green(
    limit: str, result: Outcome, *, is_close: bool
) -> None:
    judged = check(by_compressed(max_growth=limit))
    assert (judged.observed, judged.margin, judged.result) == (10 * MB, 1_800_000, result)
    assert "estimated to ±1.80 MB" in judged.reason
    assert judged.reason.endswith("too close to call") is is_close


@pytest.mark.parametrize(
    ("limit", "result"),
    [("92MB", Outcome.PASS), ("91MB", Outcome.WARN), ("89MB", Outcome.FAIL)],
)
def test_a_size_within_the_margin_is_never_green(limit: str, result: Outcome) -> None:
    judged = check(by_compressed(max_size=limit))
    assert (judged.observed, judged.margin, judged.result) == (90 * MB, 1_800_000, result)


def test_an_exact_size_has_no_margin() -> None:
    exact = [image_world.image(world) for world in ("FROM a 1MB", "FROM a 1MB / COPY x 10MB")]
    assert check(by_compressed(max_growth="4MB"), *exact).margin == 0
    assert check(budget(max_growth="25MB")).margin == 0


def test_layers_of_the_same_content_add_no_error() -> None:
    rebuilt = estimated("FROM a 100MB / COPY x 100MB ~2 =")
    judged = check(by_compressed(max_growth="1kB"), BASE, rebuilt)
    assert (judged.observed, judged.result, judged.margin) == (0, Outcome.PASS, 0)


def test_what_the_budget_ignores_is_ignored_with_its_margin_only() -> None:
    limits = budget(max_growth="0B", metric=Metric.COMPRESSED, ignore_below=11 * MB)
    assert check(limits).result is Outcome.WARN
    limits = budget(max_growth="0B", metric=Metric.COMPRESSED, ignore_below=12 * MB)
    assert check(limits).result is Outcome.PASS


def test_the_page_says_that_it_is_an_estimate() -> None:
    report = review(compared(BASE, HEAD, by_compressed(max_growth="10.5MB")))
    page = render_markdown(from_document(to_document(report)))
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    headline, row = page.splitlines()[0], page.splitlines()[8]
    assert headline.startswith("### ⚠️ ")
    assert "too close to call" in headline
    assert "**What to do:** Make the image a little smaller, or measure it exactly" in page
    assert "| **≈+10.0 MB ±1.80 MB** |" in row
    passing = review(compared(BASE, HEAD, by_compressed(max_growth="20MB")))
    assert "grew by ≈10.0 MB ±1.80 MB to ≈90.0 MB" in render_markdown(passing)


def test_the_margin_survives_the_document() -> None:
    report = review(compared(BASE, HEAD, by_compressed(max_growth="11MB")))
    again = from_document(to_document(report)).images[0]
    assert again.checks == report.images[0].checks
    by_numbers = check_budgets(again.comparison, (again.spec.budget, None), again.state)
    assert by_numbers == again.checks
