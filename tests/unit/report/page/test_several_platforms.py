"""The platforms of an image: one group in the headline, and rows that stand together."""

from dataclasses import replace

import pytest

from bot.model.report import ImageReport
from bot.model.spec import Budget
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.page_model import Page
from bot.report.page.several_platforms import count_images, list_entries, name_images
from tests.support.image_world import budget, compared, image, review

_STRICT = budget(max_growth="2MB")
_BOTH = ("linux/amd64", "linux/arm64")


def build(
    name: str, size: str, platform: str, layer: str = "", limits: Budget = _STRICT
) -> ImageReport:
    """Build an image of one platform that copies one file more."""
    old = "FROM python 120MB / COPY shared /srv"
    grown = compared(
        image(f"{old} 0B (/srv 0B)", tree="usr/x 1MB"),
        image(f"{old} {size} ~2 (/srv {size}){layer}", tree=f"usr/x 1MB, srv/blob.bin {size} @2"),
        limits,
        name,
    )
    return replace(grown, spec=replace(grown.spec, platform=platform))


def read(*images: ImageReport) -> list[str]:
    page = make_page(review(*images))
    return [to_plain_text(x) for x in (page.headline, page.why, page.next_step)]


def fold(*images: ImageReport) -> Page:
    return make_page(review(*images), is_folded=True)


def list_names(page: Page) -> list[str]:
    return [to_plain_text(row.cells[0]) for row in page.rows]


def test_two_platforms_with_one_cause_are_one_group() -> None:
    images = [build("api", "3MB", platform) for platform in _BOTH]
    headline, why, fix = read(*images)
    assert headline == (
        "Over budget: api on 2 platforms grew by 3.00 MB each: /srv/blob.bin; limit: +2 MB"
    )
    assert why == (
        "On each platform, line 2, COPY shared /srv, adds 3.00 MB, all of it /srv/blob.bin. "
        "The line had 0 B before; a machine with the old image pulls 1.20 MB."
    )
    assert fix == (
        "Make /srv/blob.bin smaller or leave it out: line 2 of api/Dockerfile. If the growth is "
        "intended, set budget: {max-growth: 3.2MB} for api in .github/image-size.yml."
    )
    page = fold(*images)
    assert list_names(page) == ["api on 2 platforms"]
    assert to_plain_text(page.rows[0].note) == "linux/amd64 and linux/arm64"
    assert to_plain_text(page.details[0].title) == "api on 2 platforms: +3.00 MB each"
    assert to_plain_text(page.closing) == "1 changed image over budget"


def test_other_images_over_budget_are_named_beside_them() -> None:
    images = [
        build("api", "3MB", "linux/amd64"),
        build("web", "3.05MB", "linux/amd64"),
        build("api", "3.1MB", "linux/arm64"),
    ]
    assert read(*images)[0] == (
        "Over budget: api on 2 platforms grew by 3.00 to 3.10 MB each: /srv/blob.bin; "
        "limit: +2 MB; 1 more image over budget: web (linux/amd64)"
    )
    assert list_names(fold(*images)) == ["api on 2 platforms", "web (linux/amd64)"]


def test_platforms_with_other_causes_stand_together() -> None:
    images = [
        build("api", "3MB", "linux/amd64"),
        build("web", "5MB", "linux/amd64"),
        build("api", "3MB", "linux/arm64", " / RUN gcc 6MB"),
    ]
    page = fold(*images)
    assert list_names(page) == ["api (linux/arm64)", "api (linux/amd64)", "web (linux/amd64)"]
    headline = to_plain_text(page.headline)
    assert headline.startswith("Over budget: api (linux/arm64) grew by 9.00 MB to 129 MB; ")
    assert "; over budget on linux/amd64, too; 1 more image over budget: web" in headline
    assert to_plain_text(page.closing) == "2 of 2 changed images over budget"


def test_a_platform_within_its_limit_stands_below_those_that_are_not() -> None:
    images = [
        build("api", "3MB", "linux/amd64"),
        build("web", "2.5MB", "linux/amd64"),
        build("api", "1MB", "linux/arm64"),
    ]
    expected = ["api (linux/amd64)", "web (linux/amd64)", "api (linux/arm64)"]
    assert list_names(fold(*images)) == expected


def test_the_platforms_of_many_images_are_counted_once() -> None:
    images = [build(name, "3MB", platform) for platform in _BOTH for name in "abcde"]
    headline, why, fix = read(*images)
    assert headline == (
        "Over budget: 5 images on 2 platforms grew by 3.00 MB each: /srv/blob.bin; limit: +2 MB"
    )
    assert why.startswith("In each, line 2, ")
    assert ": line 2 of a/Dockerfile, and the same in 4 more images. " in fix
    page = fold(*images)
    assert list_names(page) == ["5 images on 2 platforms"]
    assert to_plain_text(page.rows[0].note) == "a, b, c, d and 1 more"
    assert to_plain_text(page.closing) == "5 of 5 changed images over budget"


@pytest.mark.parametrize(
    ("names", "expected"),
    [("aab", "2 images"), ("aabb", "2 images on 2 platforms"), ("abc", "3 images")],
)
def test_images_are_counted_by_their_entries(names: str, expected: str) -> None:
    images = [build(name, "1MB", f"p{position}") for position, name in enumerate(names)]
    assert to_plain_text(count_images(images)) == expected
    assert sum(map(len, list_entries(images))) == len(names)
    assert [name.text[0] for name in name_images(images)] == sorted(set(names))
