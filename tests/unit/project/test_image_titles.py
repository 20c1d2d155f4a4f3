"""The names that people see: a Dockerfile's folder, with as much of its path as it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.report import ImageState
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage
from bot.project.image_titles import add_titles, title_specs


def discovered(path: str, target: str | None = None, platform: str | None = None) -> ImageSpec:
    name = f"{path}:{target}" if target else path
    return ImageSpec(name, path, ".", target=target, platform=platform)


def list_titles(*images: ImageSpec | str, repository: str = "shop") -> list[str]:
    specs = [discovered(image) if isinstance(image, str) else image for image in images]
    return [spec.title for spec in title_specs(specs, repository)]


@pytest.mark.parametrize(
    ("paths", "titles"),
    [
        (["services/billing/Dockerfile"], ["billing"]),
        (["services/billing/Dockerfile", "services/auth/Dockerfile"], ["billing", "auth"]),
        (
            ["services/billing/Dockerfile", "libs/billing/Dockerfile"],
            ["services/billing", "libs/billing"],
        ),
        (["a/x/billing/Dockerfile", "b/x/billing/Dockerfile"], ["a/x/billing", "b/x/billing"]),
        (["billing/Dockerfile", "libs/billing/Dockerfile"], ["billing", "libs/billing"]),
        (["docker/api.Dockerfile"], ["docker"]),
        (
            ["docker/api.Dockerfile", "docker/web.Dockerfile"],
            ["docker/api.Dockerfile", "docker/web.Dockerfile"],
        ),
        (["svc/api/Dockerfile", "svc/api/Dockerfile.dev"], ["api", "api/Dockerfile.dev"]),
        (["api/Containerfile", "api/Dockerfile"], ["api/Containerfile", "api"]),
        (
            ["a/api/Dockerfile", "a/api/Dockerfile.dev", "b/api/Dockerfile"],
            ["a/api", "a/api/Dockerfile.dev", "b/api"],
        ),
    ],
)
def test_a_folder_with_as_much_of_its_path_as_tells_it_from_others(
    paths: list[str], titles: list[str]
) -> None:
    assert list_titles(*paths) == titles


@pytest.mark.parametrize(
    ("paths", "titles"),
    [
        (["Dockerfile"], ["shop"]),
        (["Dockerfile", "Dockerfile.dev"], ["shop", "Dockerfile.dev"]),
        (["api.Dockerfile", "web.Dockerfile"], ["api.Dockerfile", "web.Dockerfile"]),
        (["Dockerfile", "libs/shop/Dockerfile"], ["shop", "libs/shop"]),
        (["Dockerfile", "shop/Dockerfile"], ["Dockerfile", "shop"]),
    ],
)
def test_at_the_top_it_is_the_repository(paths: list[str], titles: list[str]) -> None:
    assert list_titles(*paths) == titles


def test_a_repository_without_a_name_leaves_the_path() -> None:
    assert list_titles("Dockerfile", repository="") == ["Dockerfile"]


def test_a_name_that_was_given_is_shown_as_it_is() -> None:
    pay = ImageSpec("services/pay: (the real one)", "services/billing/Dockerfile", ".")
    assert list_titles(pay, "libs/billing/Dockerfile") == [pay.name, "billing"]


def test_no_title_is_a_name_that_was_given() -> None:
    billing = ImageSpec("billing", "pay/Dockerfile", ".")
    assert list_titles(billing, "libs/billing/Dockerfile") == ["billing", "libs/billing"]
    assert list_titles(billing, "billing/Dockerfile") == ["billing", "billing/Dockerfile"]
    shop = ImageSpec("shop", "pay/Dockerfile", ".")
    assert list_titles(shop, "Dockerfile") == ["shop", "Dockerfile"]


def test_a_given_name_does_not_make_another_dockerfile_that_of_the_folder() -> None:
    app = ImageSpec("app", "api/Dockerfile", "api")
    assert list_titles(app, "api/Dockerfile.dev") == ["app", "api/Dockerfile.dev"]


def test_targets_are_told_apart() -> None:
    images = [discovered("svc/api/Dockerfile"), discovered("svc/api/Dockerfile", "runtime")]
    assert list_titles(*images) == ["api", "api:runtime"]
    assert list_titles(discovered("Dockerfile", "runtime")) == ["shop:runtime"]


def test_the_platforms_of_an_image_have_one_title() -> None:
    images = [discovered("svc/api/Dockerfile", platform=x) for x in ("linux/amd64", "linux/arm64")]
    assert list_titles(*images) == ["api", "api"]


def test_an_image_without_a_dockerfile_keeps_its_name() -> None:
    assert list_titles(ImageSpec("app:latest", "", ".")) == ["app:latest"]


def test_a_removed_image_has_a_title_too() -> None:
    old, new = discovered("svc/old/Dockerfile"), discovered("svc/new/Dockerfile")
    planned = (
        PlannedImage(None, new, ImageState.NEW, removed_beside=(old.name,)),
        PlannedImage(old, None, ImageState.REMOVED),
    )
    titled = add_titles(planned, "shop")
    assert [image.spec.title for image in titled] == ["new", "old"]
    assert titled == planned  # a title declares nothing


_WORD = st.sampled_from(["a", "b", "c", "Dockerfile", "shop"])
_FILE = st.sampled_from(["Dockerfile", "Containerfile", "Dockerfile.a", "a.Dockerfile"])
_PATH = st.builds(lambda words, file: "/".join([*words, file]), st.lists(_WORD, max_size=3), _FILE)


@given(st.sets(_PATH, min_size=1), st.sets(_WORD))
def test_no_two_images_have_the_same_title(paths: set[str], names: set[str]) -> None:
    # The plan gives a discovered image another name than any that was given.
    named = [ImageSpec(name, f"named/{name}/Dockerfile", ".") for name in sorted(names - paths)]
    titles = list_titles(*sorted(paths), *named)
    assert len(set(titles)) == len(titles)


@given(st.lists(st.tuples(st.text("a./:", max_size=8), st.none() | st.just("a"))))
def test_no_path_of_a_report_is_refused(images: list[tuple[str, str | None]]) -> None:
    specs = [discovered(path, target) for path, target in images]
    assert all(spec.title or not spec.name for spec in title_specs(specs, "shop"))


def test_a_path_of_many_folders_is_shown_as_a_whole() -> None:
    deep = "a/" * 100_000
    titles = list_titles(f"{deep}x/Dockerfile", f"b/{deep}x/Dockerfile")
    assert titles == [f"{deep}x", f"b/{deep}x"]
