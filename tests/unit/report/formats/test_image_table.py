"""The table of the images that a review would be about."""

import pytest

from bot.model.image_list import ImageListing, LimitSource, ListedImage
from bot.model.report import GateChange, GateKind, ImageState, NotReviewed, Outcome
from bot.model.spec import ImageSpec
from bot.report.formats.image_table import render_image_table

API = ImageSpec("services/api/Dockerfile", "services/api/Dockerfile", ".", title="api")
WEB = ImageSpec("web", "services/web/Dockerfile", "services/web")


def test_what_is_left_out_is_counted_whatever_it_is() -> None:
    left_out = (
        NotReviewed("tests/Dockerfile", "excluded by default"),
        NotReviewed("docker-bake.hcl", "cannot be read"),
    )
    assert render_image_table(ImageListing((), left_out)) == (
        "0 images, 0 affected.\n"
        "\n"
        "2 not reviewed:\n"
        "  tests/Dockerfile: excluded by default\n"
        "  docker-bake.hcl: cannot be read\n"
    )


def test_columns_that_say_the_same_of_all_images_are_left_out() -> None:
    images = (ListedImage(API, ImageState.CHANGED), ListedImage(WEB, ImageState.UNCHANGED))
    page = render_image_table(ImageListing(images))
    assert "target" not in page
    assert "platform" not in page
    assert "built on" not in page
    built_on = ListedImage(WEB, ImageState.UNCHANGED, based_on=("base/Dockerfile",), shard=1)
    page = render_image_table(ImageListing((images[0], built_on)))
    assert "built on" in page
    assert "job" in page


@pytest.mark.parametrize("width", [80, 100, 200])
def test_lines_of_the_table_fit_and_lose_nothing(width: int) -> None:
    path = "services/" + "long-name-" * 12
    long = ImageSpec("long", f"{path}/Dockerfile", path)
    images = (ListedImage(long, ImageState.CHANGED), ListedImage(API, ImageState.NEW))
    page = render_image_table(ImageListing(images), width=width)
    assert all(len(line) <= width for line in page.splitlines())
    assert "…" not in page


def test_paths_break_after_a_slash() -> None:
    path = "services-of-the-shop/backend-in-go/Dockerfile"
    images = (ListedImage(ImageSpec(path, path, ".", title="go"), ImageState.CHANGED),)
    row = render_image_table(ImageListing(images), width=70).splitlines()[4:6]
    assert [" ".join(line.split()) for line in row] == [
        "go changed services-of-the-shop/ . (the Dockerfile's",
        "backend-in-go/Dockerfile folder)",
    ]


def test_reasons_are_not_cut() -> None:
    reason = "cannot be read: " + "word " * 300 + "end"
    page = render_image_table(ImageListing((), (NotReviewed("bake", reason),)), width=80)
    assert f"  bake: {reason}\n" in page


def test_the_table_says_what_a_review_would_warn_of() -> None:
    warning = "its build would fail: x is not in the build context"
    images = (ListedImage(API, ImageState.UNCHANGED, warnings=(warning,)),)
    change = GateChange(GateKind.LIMIT, "max-size of api", "1 MB", "2 MB", Outcome.WARN, "c.yml")
    page = render_image_table(ImageListing(images, (), (change,), ("A guess.",)))
    assert "may loosen: max-size of api: 1 MB → 2 MB" in page
    assert f"Warnings:\n  api: {warning}\n" in page
    assert page.endswith("\nA guess.\n")


def test_images_with_the_same_limits_share_a_line() -> None:
    limit = (LimitSource("max-size", "300 MB", "budget in c.yml"),)
    specs = [ImageSpec(f"image-{number}", "Dockerfile", ".") for number in range(7)]
    images = tuple(ListedImage(spec, ImageState.CHANGED, limit) for spec in specs)
    page = render_image_table(ImageListing((*images, ListedImage(API, ImageState.CHANGED))))
    names = ", ".join(spec.name for spec in specs[:5])
    assert f"  {names} and 2 more: max-size 300 MB (budget in c.yml)\n" in page
    assert "  api: none\n" in page
