"""The headline, which is the description of a commit status as well."""

import pytest

from bot.model.report import Report
from bot.model.spec import Budget, GrowthLimit
from bot.report.page.page import render_status_line
from tests.support.image_world import compared, review
from tests.support.report_cases import many, nothing_changed, over_budget


@pytest.mark.parametrize("report", [over_budget(), many(3), nothing_changed()])
def test_the_status_line_fits_a_commit_status(report: Report) -> None:
    line = render_status_line(report)
    assert 0 < len(line) <= 140
    assert "\n" not in line


def test_a_limit_for_a_warning_is_said_with_the_growth() -> None:
    budget = Budget(warn_size=12_000_000, warn_growth=GrowthLimit(1_000_000))
    line = render_status_line(review(compared("FROM a 10MB", "FROM a 10MB / RUN x 5MB", budget)))
    assert line.endswith(
        "api grew by 5.00 MB to 15.0 MB: 3.00 MB over the limit for a warning; 4.00 MB more than the "
        "+1 MB allowed without a warning"
    )
