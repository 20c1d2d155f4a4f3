"""The outputs of the action that come from the report."""

import pytest

from bot.model.report import Report
from bot.report.formats.action_outputs import make_outputs
from tests.support.image_world import compared, review
from tests.support.report_cases import (
    base_fails,
    head_fails,
    nothing_changed,
    over_budget,
    shrank,
)


def test_outputs_describe_the_worst_image() -> None:
    assert make_outputs(over_budget()) == {
        "verdict": "fail",
        "base-size": "288000000",
        "head-size": "900120000",
        "delta": "612120000",
        "delta-percent": "212.5",
    }


@pytest.mark.parametrize(
    ("report", "verdict", "delta", "percent"),
    [
        (shrank(), "pass", "-640000000", "-71.1"),
        (nothing_changed(), "pass", "", ""),
        (base_fails(), "warn", "", ""),
        (head_fails(), "error", "81000000", "900.0"),
        (review(), "pass", "", ""),
        (
            review(compared("FROM scratch 0B", "FROM scratch 0B / COPY x 9MB")),
            "pass",
            "9000000",
            "",
        ),
    ],
)
def test_an_unknown_size_is_empty(report: Report, verdict: str, delta: str, percent: str) -> None:
    outputs = make_outputs(report)
    assert (outputs["verdict"], outputs["delta"], outputs["delta-percent"]) == (
        verdict,
        delta,
        percent,
    )
