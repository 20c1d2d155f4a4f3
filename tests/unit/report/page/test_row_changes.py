"""The share of a line in a change: which part it is, what else there is, and by which size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.metric import Metric
from bot.model.report import ImageReport
from bot.report.page import image_facts
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.row_changes import get_total, list_main_changes
from tests.support.image_world import budget, compared, review

_FROM = "FROM debian 124MB"


def lines(report: ImageReport) -> tuple[str, str, str]:
    page = make_page(review(report))
    headline, why, fix = map(to_plain_text, (page.headline, page.why, page.next_step))
    return headline, why, fix


@pytest.mark.parametrize(
    ("sizes", "others", "fix"),
    [
        ([50, 5], "", "Look at line 2 of"),
        ([50, 30], "; line 3 adds 30.0 MB. The", "Look at line 2 and line 3 of"),
        (
            [50, 30, 20, 1],
            "; line 3 adds 30.0 MB, line 4 adds 20.0 MB and another change adds 1.00 MB. The",
            "Look at line 2, line 3 and line 4 of",
        ),
        (
            [6, 5, 5, 5, 5, 5],
            "; 5 other changes add 25.0 MB. The",
            "Look at line 2 and 5 more lines",
        ),
        (
            [50, 40, -15],
            "; line 3 adds 40.0 MB and the other changes save 15.0 MB. The",
            "Look at line 2 and line 3 of",
        ),
    ],
)
def test_a_line_that_is_only_a_part_of_the_growth_says_so(
    sizes: list[int], others: str, fix: str
) -> None:
    old = [f"RUN step-{number} 100MB" for number in range(len(sizes))]
    new = [f"RUN step-{number} {100 + size}MB ~2" for number, size in enumerate(sizes)]
    limits = budget(max_growth="10MB")
    report = compared(" / ".join([_FROM, *old]), " / ".join([_FROM, *new]), limits)
    _, why, step = lines(report)
    start = f"Line 2, RUN step-0, adds {sizes[0]}.0"[:24]
    assert why.startswith(start)
    assert (others or "all of it in /usr. The line") in why
    assert step.startswith(fix)


def test_a_line_adds_no_more_than_the_compressed_size_that_the_headline_is_about() -> None:
    limits = budget(max_growth="10MB", metric=Metric.COMPRESSED)
    report = compared(f"{_FROM} / RUN a 60MB", f"{_FROM} / RUN a 160MB ~2", limits)
    headline, why, _ = lines(report)
    assert "grew by 40.0 MB to 114 MB compressed" in headline
    assert why.startswith(
        "Line 2, RUN a, adds 40.0 MB compressed (100 MB on disk), all of it in /usr."
    )


def test_the_bytes_of_a_line_are_those_on_disk_where_a_container_sees_fewer() -> None:
    limits = budget(max_growth="10MB", metric=Metric.FILESYSTEM)
    new = f"{_FROM} / RUN a 160MB ~2 waste 70MB"
    headline, why, _ = lines(compared(f"{_FROM} / RUN a 60MB", new, limits))
    assert "grew by 30.0 MB to 214 MB visible in the container" in headline
    assert why.startswith("Line 2, RUN a, adds 100 MB on disk, all of it in /usr.")


_LAYERS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 1), st.integers(1, 2)), max_size=4)


@given(_LAYERS, _LAYERS, st.sampled_from(Metric))
def test_the_shares_by_each_metric_have_its_direction(
    before: list[tuple[int, int, int]], after: list[tuple[int, int, int]], metric: Metric
) -> None:
    old, new = (
        " / ".join(
            [_FROM]
            + [
                f"RUN step-{number} {size}MB ~{kind} waste {size * wasted // 2}MB"
                for number, (size, wasted, kind) in enumerate(layers)
            ]
        )
        for layers in (before, after)
    )
    report = compared(old, new, budget(metric=metric))
    changes, delta = list_main_changes(report), report.comparison.delta
    assert delta is not None
    growth = image_facts.growth(report) or 0
    if growth * delta.unpacked_bytes > 0:
        assert all(change.bytes * growth > 0 for change in changes)
        total = get_total(changes[0], report)
        assert abs(sum(change.bytes for change in changes)) >= abs(total)
    assert bool(changes) == bool(delta.unpacked_bytes)
    assert [abs(x.bytes) for x in changes] == sorted((abs(x.bytes) for x in changes), reverse=True)


def test_an_image_that_shrank_and_is_still_too_large() -> None:
    limits = budget(max_size="500MB", max_growth="10MB")
    headline, why, fix = lines(
        compared(f"{_FROM} / RUN a 900MB", f"{_FROM} / RUN a 700MB ~2", limits)
    )
    assert headline == (
        "api shrank by 200 MB to 824 MB; still 324 MB over the limit of 500 MB (524 MB before)"
    )
    assert why == "Line 2, RUN a, saves 200 MB, all of it in /usr."
    assert fix.startswith("Nothing in this change; bring the image below its limit")
