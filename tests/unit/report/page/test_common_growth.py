"""The first three lines on growth that many images have in common."""

import pytest

from bot.model.image import Metric
from bot.model.report import ImageReport, ImageState
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
        "Over budget: 5 images grew by 3.00 MB each, search by 9.00 MB more; limit: +2 MB"
    )
    assert why == (
        "In each, line 3, COPY shared /srv, adds 3.00 MB, all of it /srv/blob.bin; in search, "
        "line 4, COPY model /model, adds 9.00 MB, all of it /model/weights.bin."
    )
    assert fix == (
        "Look at line 3 of cart/Dockerfile, and the same in 4 more images. In search, look at line 4 and line 3 of search/Dockerfile. If the growth is "
        "intended, set budget: {max-growth: 3.2MB} for all images, and "
        "budget: {max-growth: 13MB} for search in .github/image-size.yml."
    )


def test_images_within_their_budgets_have_a_common_cause_too() -> None:
    headline, why, _ = _list_lines(*(_grown(name, limits=_LOOSE) for name in "abc"))
    assert headline == "Within budget: 3 images grew by 3.00 MB each; limit: +50 MB"
    assert why == "In each, line 2, COPY shared, adds 3.00 MB, all of it in /app."


def test_what_is_over_budget_for_another_reason_is_counted() -> None:
    other = compared("FROM alpine 8MB", "FROM alpine 8MB / RUN x 2.5MB", _STRICT, "z")
    headline = _list_lines(*map(_grown, "abc"), other)[0]
    assert headline == (
        "Over budget: 3 images grew by 3.00 MB each; limit: +2 MB; 1 more image over budget"
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
        "Over budget: 7 images grew by 3.00 MB each, z by 7.00 MB more, y by 6.00 MB more and "
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
