"""The headline, which is the description of a commit status as well."""

import pytest

from bot.model.report import ImageState, Mode, Report
from bot.model.spec import Budget, GrowthLimit
from bot.report.page.page import make_page, render_status_line, to_plain_text
from tests.support.image_world import budget, compared, image, review
from tests.support.report_cases import many, nothing_changed, over_budget


@pytest.mark.parametrize("report", [over_budget(), many(3), nothing_changed()])
def test_the_status_line_fits_a_commit_status(report: Report) -> None:
    line = render_status_line(report)
    assert 0 < len(line) <= 140
    assert "\n" not in line


def test_a_limit_for_a_warning_is_said_with_the_growth() -> None:
    limits = Budget(warn_size=12_000_000, warn_growth=GrowthLimit(1_000_000))
    line = render_status_line(review(compared("FROM a 10MB", "FROM a 10MB / RUN x 5MB", limits)))
    assert line.endswith(
        "api grew by 5.00 MB to 15.0 MB: 3.00 MB over the limit for a warning; 4.00 MB more than the "
        "+1 MB allowed without a warning"
    )


def test_two_builds_of_one_size_are_not_the_same_image() -> None:
    old, new = image("FROM a 10MB / RUN x 5MB"), image("FROM a 10MB / RUN x 5MB ~2")
    assert render_status_line(review(compared(old, new))) == "api was rebuilt and stays at 15.0 MB"
    line = render_status_line(review(compared(old, old)))
    assert line == "api is the same image as before, 15.0 MB"


def test_a_single_image_over_its_limit_is_over_budget() -> None:
    limits = budget(max_size="10MB")
    report = review(
        compared(None, "FROM a 10MB / RUN x 5MB", limits, state=ImageState.NO_BASELINE),
        mode=Mode.MEASURE,
    )
    page = make_page(report)
    assert to_plain_text(page.headline) == "Over budget: api is 15.0 MB; limit: 10 MB"
    assert page.step_title == "Fix"
