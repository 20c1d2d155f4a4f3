"""The headline as the description of a commit status."""

import pytest

from bot.model.report import Report
from bot.report.page.page import render_status_line
from tests.support.report_cases import many, nothing_changed, over_budget


@pytest.mark.parametrize("report", [over_budget(), many(3), nothing_changed()])
def test_the_status_line_fits_a_commit_status(report: Report) -> None:
    line = render_status_line(report)
    assert 0 < len(line) <= 140
    assert "\n" not in line
