"""A trend is shown where recorded sizes say something, and is silent elsewhere."""

import pytest

from bot.model.metric import Metric
from bot.model.sizes import parse_size
from bot.model.trend import Trend, TrendPoint
from bot.records.trend import make_trend, read_seconds
from bot.report.page.trend_section import describe_trend, make_trend_section
from tests.support.image_world import compared


def points(*sizes: str, start: int = 1, step: int = 3, month: int = 11) -> list[TrendPoint]:
    """Return a point for each size, `step` days apart."""
    days = range(start, start + step * len(sizes), step)
    return [
        TrendPoint(f"{day:040x}", f"2026-{month:02}-{day:02}T12:00:00Z", parse_size(size))
        for day, size in zip(days, sizes, strict=True)
    ]


def describe(sizes: list[TrendPoint], limit: str = "") -> str:
    trend = make_trend(sizes, Metric.UNPACKED, parse_size(limit) if limit else None)
    return describe_trend(trend) if trend else ""


def test_the_change_the_days_and_the_pace_are_said() -> None:
    sizes = points("100MB", "102MB", "104MB", "108MB", "112MB", step=7)
    assert describe(sizes) == "+12.0 % in 28 days, 5 commits."
    pace = "; the limit is reached in about 6 weeks at this pace."
    assert describe(sizes, "130MB") == "+12.0 % in 28 days, 5 commits" + pace


@pytest.mark.parametrize(
    ("limit", "time"), [("113MB", "2 days"), ("118MB", "2 weeks"), ("160MB", "4 months")]
)
def test_the_time_has_the_unit_that_people_plan_in(limit: str, time: str) -> None:
    sizes = points("100MB", "102MB", "104MB", "108MB", "112MB", step=7)
    assert f"in about {time} at this pace" in describe(sizes, limit)


@pytest.mark.parametrize("limit", ["105MB", "112MB", "1GB"])
def test_a_limit_that_is_exceeded_or_far_away_is_not_named(limit: str) -> None:
    sizes = points("100MB", "102MB", "104MB", "108MB", "112MB", step=7)
    assert describe(sizes, limit) == "+12.0 % in 28 days, 5 commits."


def test_an_image_that_shrinks_reaches_no_limit() -> None:
    sizes = points("112MB", "110MB", "105MB", "100MB", step=7)
    assert describe(sizes, "130MB") == "−10.7 % in 21 days, 4 commits."


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        points("100MB", "120MB", "140MB"),
        points("100MB", "100MB", "100.9MB", "100.5MB"),
        points("10kB", "50kB", "70kB", "90kB"),
        points("1MB"),
    ],
    ids=["none", "few", "flat", "tiny", "one"],
)
def test_what_says_nothing_is_left_out(sizes: list[TrendPoint]) -> None:
    assert describe(sizes, "1GB") == ""


def test_records_of_one_day_are_no_trend() -> None:
    sizes = [TrendPoint(str(x), "2026-11-01T12:00:00Z", x * 10**7) for x in range(1, 9)]
    assert describe(sizes) == ""


def test_older_records_count_where_the_last_month_has_too_few() -> None:
    sizes = [*points("100MB", "110MB", month=9), *points("120MB", "130MB", month=11)]
    assert describe(sizes) == "+30.0 % in 64 days, 4 commits."


def test_only_the_last_month_counts_where_it_has_enough() -> None:
    recent = points("100MB", "110MB", "120MB", "130MB", month=11)
    assert describe([*points("1MB", "1MB", month=3), *recent]) == describe(recent)


def test_dates_of_rebased_commits_may_be_out_of_order() -> None:
    sizes = points("100MB", "110MB", "120MB", "130MB", step=5)
    assert describe([sizes[1], sizes[0], *sizes[2:]]).endswith("in 15 days, 4 commits.")


def test_a_day_in_february_is_read() -> None:
    assert read_seconds("2024-03-01T00:00:00Z") - read_seconds("2024-02-28T00:00:00Z") == 172_800


def chart(trend: Trend) -> str:
    (section,) = make_trend_section(compared("RUN a 1MB", "RUN a 1MB", trend=trend))
    return str(section.blocks[1])


def test_the_chart_has_a_column_for_each_record() -> None:
    trend = make_trend(points("100MB", "104MB", "108MB", "112MB"), Metric.UNPACKED, None)
    assert trend
    assert "▁▃▅█ 100 MB → 112 MB" in chart(trend)


def test_a_chart_of_many_records_fits_a_phone() -> None:
    sizes = [f"{size}MB" for size in range(100, 180)]
    many = (TrendPoint(size, "2026-11-01T00:00:00Z", parse_size(size)) for size in sizes)
    trend = Trend(Metric.UNPACKED, tuple(many), 30)
    blocks = [character for character in chart(trend) if character in "▁▂▃▄▅▆▇█"]
    assert len(blocks) == 24
    assert (blocks[0], blocks[-1]) == ("▁", "█")
    assert blocks == sorted(blocks)
