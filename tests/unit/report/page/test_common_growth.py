"""The first three lines on growth that many images have in common."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.metric import Metric
from bot.model.report import ImageReport, ImageState
from bot.model.sizes import format_size, parse_size
from bot.model.spec import Budget
from bot.model.suggestion import Suggestion
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.page_model import Page
from tests.support.image_world import budget, compared, image, review
from tests.support.report_cases import CASES, suggestion

_OLD, _NEW = "FROM alpine 8MB / COPY shared 1MB", "FROM alpine 8MB / COPY shared 4MB ~2"
_STRICT, _LOOSE = budget(max_growth="2MB"), budget(max_growth="50MB")


def _list_lines(*images: ImageReport) -> list[str]:
    return _read(make_page(review(*images)))


def _read(page: Page) -> list[str]:
    return [to_plain_text(phrase) for phrase in (page.headline, page.why, page.next_step)]


def _grown(
    name: str, new: str = _NEW, limits: Budget = _STRICT, suggestions: tuple[Suggestion, ...] = ()
) -> ImageReport:
    return compared(_OLD, new, limits, name, suggestions=suggestions)


def test_the_cause_is_said_once_with_its_exception() -> None:
    headline, why, fix = _read(make_page(CASES["shared-file"]()))
    assert headline == (
        "Over budget: 5 images grew by 3.00 MB each: /srv/blob.bin; search by 9.00 MB more; "
        "limit: +2 MB"
    )
    assert why == (
        "In each, line 3, COPY shared /srv, adds 3.00 MB, all of it /srv/blob.bin; in search, "
        "line 4, COPY model /model, adds 9.00 MB, all of it /model/weights.bin."
    )
    assert fix == (
        "Make /srv/blob.bin smaller or leave it out: line 3 of cart/Dockerfile, and the same in 4 "
        "more images. In search, look at line 4 and line 3 of search/Dockerfile. If the growth is "
        "intended, set budget: {max-growth: 3.2MB} at the top level, and budget: {max-growth: 13MB} "
        "for search, in .github/image-size.yml."
    )


def test_images_within_their_budgets_have_a_common_cause_too() -> None:
    headline, why, _ = _list_lines(*(_grown(name, limits=_LOOSE) for name in "abc"))
    assert headline == "Within budget: 3 images grew by 3.00 MB each; limit: +50 MB"
    assert why == "In each, line 2, COPY shared, adds 3.00 MB, all of it in /app."


def test_what_is_over_budget_for_another_reason_is_named() -> None:
    other = compared("FROM alpine 8MB", "FROM alpine 8MB / RUN x 2.5MB", _STRICT, "z")
    headline = _list_lines(*map(_grown, "abc"), other)[0]
    assert headline == (
        "Over budget: 3 images grew by 3.00 MB each; limit: +2 MB; 1 more image over budget: z"
    )


def test_limits_that_differ_are_left_to_the_table() -> None:
    images = [_grown("a", limits=budget(max_growth="1MB")), *map(_grown, "bc")]
    assert _list_lines(*images)[0] == "Over budget: 3 images grew by 3.00 MB each"


def test_what_could_not_be_measured_is_named_behind_it() -> None:
    broken = compared(None, None, _STRICT, "z", ImageState.HEAD_BUILD_FAILED)
    headline = _list_lines(*map(_grown, "abc"), broken)[0]
    assert headline.endswith("; limit: +2 MB; z could not be measured")


def test_three_exceptions_are_counted() -> None:
    larger = [
        _grown(name, f"{_NEW} / RUN {name} {size}MB")
        for name, size in zip("xyz", (5, 6, 7), strict=True)
    ]
    assert _list_lines(*map(_grown, "abcd"), *larger)[0] == (
        "Over budget: 7 images grew by 3.00 MB each; z by 7.00 MB more, y by 6.00 MB more and "
        "1 image by more; limit: +2 MB"
    )


def test_a_suggestion_that_saves_the_growth_is_said_of_all() -> None:
    best = suggestion(saving_bytes=3_000_000, line_start=2, line_end=2)
    fix = _list_lines(*(_grown(name, suggestions=(best,)) for name in "abc"))[2]
    assert fix.startswith("Use a multi-stage build and copy only the result (line 2), which saves")
    assert ", and the same in 2 more images. " in fix


@pytest.mark.parametrize(
    "images",
    [
        pytest.param([_grown("a"), _grown("b")], id="two images"),
        pytest.param(
            [_grown(name, f"{_OLD} / RUN {name} 3MB") for name in "abc"], id="other instructions"
        ),
        pytest.param(
            [_grown("a", f"{_OLD} / RUN y 60MB"), *map(_grown, "bcd")], id="the worst has another"
        ),
        pytest.param(
            [_grown(name, limits=budget(max_size="10MB")) for name in "abc"], id="a size limit"
        ),
        pytest.param(
            [
                _grown(name, limits=budget(max_growth="1MB", metric=Metric.COMPRESSED))
                for name in "abc"
            ],
            id="a metric that rows do not have",
        ),
        pytest.param(
            [_grown(name, "FROM alpine 7MB ~2 / COPY shared 4MB ~2") for name in "abc"],
            id="a row larger than the growth",
        ),
    ],
)
def test_otherwise_one_image_is_named(images: list[ImageReport]) -> None:
    assert "each" not in _list_lines(*images)[0]
    assert "in each" not in _list_lines(*images)[1].lower()


def test_a_download_that_dwarfs_the_growth_is_said_instead() -> None:
    old = "FROM a 8MB / COPY . 1MB / RUN fetch 900MB"
    new = "FROM a 8MB / COPY . 1.2MB ~2 / RUN fetch 900MB ~2"
    images = [compared(image(old), image(new), _STRICT, name) for name in "abc"]
    assert "is a new layer with 360 MB to download" in _list_lines(*images)[1]


def test_images_within_their_budgets_are_of_the_group_too() -> None:
    over = [_with_blob(f"a{number}", 3_000_000, limit="2MB") for number in range(20)]
    within = [_with_blob(f"b{number}", 3_000_000, limit="10MB") for number in range(10)]
    headline, why, fix = _list_lines(*within, *over)
    assert headline == (
        "Over budget: 20 of 30 images that grew by 3.00 MB each: /srv/blob.bin; limit: +2 MB"
    )
    assert why == "In each, line 2, COPY shared /srv, adds 3.00 MB, all of it /srv/blob.bin."
    assert fix.startswith(
        "Make /srv/blob.bin smaller or leave it out: line 2 of a0/Dockerfile, and the same in 29 "
        "more images. If the growth is intended, "
    )


def test_two_images_over_budget_are_named_beside_others_within() -> None:
    over = [_with_blob(name, 3_000_000, limit="2MB") for name in "ab"]
    headline = _list_lines(*over, *(_with_blob(name, 3_000_000) for name in "cdef"))[0]
    assert headline == (
        "Over budget: a grew by 3.00 MB to 124 MB; limit: +2 MB; 1 more image over budget: b"
    )


def _with_blob(name: str, size: int, *, line: str = "", limit: str = "50MB") -> ImageReport:
    """Build an image that copies one file more, of so many bytes."""
    start = f"FROM python 120MB{line} / COPY shared /srv"
    step, tree = 3 if line else 2, "srv/old.bin 1MB"
    return compared(
        image(f"{start} 1MB (/srv 1MB)", tree=f"{tree} @{step}"),
        image(
            f"{start} {size + 1_000_000}B ~2 (/srv {size + 1_000_000}B)",
            tree=f"{tree} @{step}, srv/blob.bin {size}B @{step}",
        ),
        budget(max_growth=limit),
        name,
    )


def test_sizes_that_differ_a_little_are_a_range() -> None:
    sizes = [3_200_000] * 15 + [3_000_000] * 15
    images = [_with_blob(f"s{number:02}", size) for number, size in enumerate(sizes)]
    headline, why, _ = _list_lines(*images)
    assert headline == (
        "Within budget: 30 images grew by 3.00 to 3.20 MB each: /srv/blob.bin; limit: +50 MB"
    )
    assert why == (
        "In each, line 2, COPY shared /srv, adds 3.00 to 3.20 MB, all of it /srv/blob.bin."
    )
    (row,) = make_page(review(*images), is_folded=True).rows
    cells = [to_plain_text(cell) for cell in row.cells]
    assert cells == ["30 images", "+3.00–3.20 MB each", "124 MB", "+50 MB", "1.60–1.68 MB"]


def test_packages_of_different_sizes_are_named_without_them() -> None:
    line = "FROM a 8MB / RUN pip install -r requirements.txt {0}MB (pypi numpy 2.1 {0}MB)"
    images = [compared("FROM a 8MB", line.format(size), _STRICT, f"i{size}") for size in (5, 6, 7)]
    headline, why, _ = _list_lines(*images)
    assert headline == "Over budget: 3 images grew by 5.00 to 7.00 MB each; limit: +2 MB"
    assert why == (
        "In each, line 2, RUN pip install -r requirements.txt, adds 5.00 to 7.00 MB, "
        "most of it numpy."
    )


def test_a_line_with_another_number_in_each_is_named_without_one() -> None:
    images = [
        _with_blob("a", 3_000_000),
        _with_blob("b", 3_000_000, line=" / COPY b /app 2MB"),
        _with_blob("c", 3_000_000),
    ]
    assert _list_lines(*images)[1] == (
        "In each, COPY shared /srv adds 3.00 MB, all of it /srv/blob.bin."
    )


@given(st.lists(st.integers(1_000_000, 20_000_000), min_size=2, max_size=12))
def test_each_growth_lies_in_the_range_or_the_images_are_not_one_group(sizes: list[int]) -> None:
    images = [_with_blob(f"s{number}", size) for number, size in enumerate(sizes)]
    headline = _list_lines(*images)[0]
    group = re.search(r"(\d+) images grew by (?:([\d.]+) to )?([\d.]+ MB) each", headline)
    alike = [size for size in sizes if max(sizes) <= 1.5 * size]
    assert bool(group) is (len(alike) >= 3 and 2 * len(alike) > len(sizes))
    if group:
        least, largest = parse_size(f"{group[2] or group[3].split()[0]} MB"), parse_size(group[3])
        printed = sorted(parse_size(format_size(size)) for size in sizes)
        assert int(group[1]) == len(alike)
        assert [printed[-len(alike)], printed[-1]] == [least, largest]
