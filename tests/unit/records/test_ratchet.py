"""`max-size: auto`: the smallest of the last recorded sizes, and what is ignored beside it."""

import pytest

from bot.model.metric import Metric
from bot.records.ratchet import find_limit
from bot.records.record import Record
from tests.support.record_world import recorded


def records(*sizes: int, approved: int = -1) -> list[Record]:
    """Return records, the newest first; the size is that of the image in MB."""
    return [
        recorded(size=f"{size - 10}MB", is_approved=number == approved)
        for number, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "runs", "limit"),
    [((120, 100, 110), 20, 100), ((120, 100, 90), 2, 100), ((100,), 1, 100), ((110, 120), 20, 110)],
)
def test_the_smallest_of_the_last_sizes_counts(sizes: tuple[int], runs: int, limit: int) -> None:
    assert find_limit(records(*sizes), Metric.UNPACKED, runs, 2_000) == limit * 10**6 + 2_000


def test_there_is_no_limit_without_a_record() -> None:
    assert find_limit([], Metric.UNPACKED, 20, 2_000) is None


def test_an_approved_growth_is_a_new_start() -> None:
    sizes = records(125, 130, 100, 90, approved=1)
    assert find_limit(sizes, Metric.UNPACKED, 20, 0) == 125 * 10**6


def test_the_metric_of_the_budget_counts() -> None:
    assert find_limit(records(110), Metric.FILESYSTEM, 20, 0) == 109 * 10**6
