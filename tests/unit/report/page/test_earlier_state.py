"""The second line of an image over budget ends with what was there before, and the download."""

import pytest

from bot.model.metric import Metric
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, image, review

_DEBIAN = "FROM debian 75MB"


@pytest.mark.parametrize(
    ("before", "after", "end"),
    [
        pytest.param(
            *(_DEBIAN, f"{_DEBIAN} / COPY x 50MB"),
            "The line is new; a machine with the old image pulls 20.0 MB.",
            id="a line that base does not have",
        ),
        pytest.param(
            *(f"{_DEBIAN} / COPY x 4MB", f"{_DEBIAN} / COPY x 54MB ~2"),
            "The line had 4.00 MB before; a machine with the old image pulls 21.6 MB.",
            id="a line that was smaller",
        ),
        pytest.param(
            *(f"{_DEBIAN} / COPY x 4MB", "FROM debian 95MB ~2 / COPY x 4MB"),
            "The base image had 75.0 MB before; a machine with the old image pulls 38.0 MB.",
            id="a base image",
        ),
    ],
)
def test_the_cause_is_compared_with_base(before: str, after: str, end: str) -> None:
    report = review(compared(before, after, budget(max_growth="1MB")))
    assert to_plain_text(make_page(report).why).endswith(f". {end}")


def test_a_size_on_disk_is_not_held_against_another_metric() -> None:
    limits = budget(max_growth="1MB", metric=Metric.COMPRESSED)
    old, new = image(f"{_DEBIAN} / COPY x 4MB"), image(f"{_DEBIAN} / COPY x 54MB ~2", exact=False)
    why = to_plain_text(make_page(review(compared(old, new, limits))).why)
    assert why.endswith(". The line was there before; a machine with the old image pulls ≈21.6 MB.")


def test_an_image_within_its_budget_needs_no_more_words() -> None:
    report = review(compared(_DEBIAN, f"{_DEBIAN} / COPY x 50MB", budget(max_growth="90MB")))
    assert to_plain_text(make_page(report).why).endswith("adds 50.0 MB, all of it in /app.")
