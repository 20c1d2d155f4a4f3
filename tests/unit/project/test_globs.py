"""Globs of images: `*` stays in a folder, `**` does not."""

import pytest

from bot.model.spec import ImageSpec
from bot.project.globs import Glob
from bot.project.image_selector import select_images
from bot.project.unknown_images import UnreviewedImage, make_unknown_image_error

SPECS = [
    ImageSpec(name, f"{folder}/Dockerfile", folder)
    for name, folder in (("api", "services/api"), ("web", "services/web"), ("x", "tools/a/x"))
]


@pytest.mark.parametrize(
    ("glob", "text", "matches"),
    [
        ("services/*", "services/api", True),
        ("services/*", "services/api/x", False),
        ("services/**", "services/api/x", True),
        ("**/Dockerfile", "Dockerfile", True),
        ("**/Dockerfile", "a/b/Dockerfile", True),
        ("a?i", "api", True),
        ("a?i", "a/i", False),
        ("[a-c]pi", "api", True),
        ("[!a]pi", "api", False),
        ("services/**", "services", False),
        ("**", "a/b", True),
        ("**/a/**/b", "a/b", True),
        ("**/a/**/b", "x/a/y/z/b", True),
        ("**/a/**/b", "x/a/y/z/c", False),
        ("a/**/**/b", "a/b", True),
        ("a**b", "axb", True),
        ("a**b", "ax/b", False),
        ("[z-a]", "q", False),
        ("[", "[", True),
        ("a.c", "abc", False),
    ],
)
def test_a_glob_matches_a_whole_text(glob: str, text: str, matches: bool) -> None:
    assert Glob(glob).matches(text) is matches


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("services/*", ["api", "web"]),
        ("./services/*/", ["api", "web"]),
        ("**/Dockerfile", ["api", "web", "x"]),
        ("?", ["x"]),
        ("tools/**", ["x"]),
        ("service/*", []),
    ],
)
def test_images_are_selected_by_globs(selector: str, names: list[str]) -> None:
    assert [spec.name for spec in select_images(SPECS, [selector])] == names


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    error = make_unknown_image_error(["services/apu"], SPECS)
    assert error.what == "No image is called 'services/apu'."
    assert error.fix.startswith("check the name; the nearest is 'services/api'; ")
    assert "the nearest is 'api'" in make_unknown_image_error(["API"], SPECS).fix


def test_of_many_images_some_are_named() -> None:
    specs = [ImageSpec(f"image-{number}", "Dockerfile", ".") for number in range(200)]
    error = make_unknown_image_error(["#"], specs)
    assert error.why.endswith("'image-19' and 180 more")
    assert error.fix.startswith("check the name; `image-size-review images`")


def test_a_glob_with_many_stars_is_refuted_at_once() -> None:
    """The time limit of the tests is what fails if a glob tries all ways."""
    text = "a" * 2000
    assert not Glob("*a" * 40 + "b").matches(text)
    assert not Glob("/".join(["**", "a"] * 40 + ["b"])).matches("/".join("a" * 400))


def test_the_exact_name_of_an_image_wins_over_other_targets_of_its_dockerfile() -> None:
    """The last stage is called as its Dockerfile, which has other stages that are images."""
    path = "services/api/Dockerfile"
    last, debug = (ImageSpec(x, path, "services/api") for x in (path, f"{path}:debug"))
    assert select_images([last, debug], [path]) == (last,)
    assert select_images([last, debug], [f"{path}:debug"]) == (debug,)
    assert select_images([last, debug], ["services/api"]) == (last, debug)
    assert select_images([last, debug], [path, "*:debug", "services/api/*:debug"]) == (last, debug)


def test_the_name_that_reports_show_selects_an_image() -> None:
    path = "services/api/Dockerfile"
    spec = ImageSpec(f"{path}:debug", path, "services/api", target="debug", title="api:debug")
    assert select_images([spec, *SPECS], ["api:debug"]) == (spec,)
    assert select_images([spec, *SPECS], ["api:*"]) == (spec,)


def test_an_image_that_is_not_reviewed_is_answered_with_the_reason() -> None:
    left_out = UnreviewedImage(
        "tests/a/Dockerfile",
        "tests/a/Dockerfile: excluded by default (**/tests/**)",
        frozenset({"tests/a/Dockerfile", "tests/a", "a"}),
    )
    for name in ("a", "./tests/a/", "tests/*"):
        error = make_unknown_image_error([name], SPECS, [left_out])
        assert error.what == f"The image {name!r} is not reviewed."
        assert error.why == "tests/a/Dockerfile: excluded by default (**/tests/**)"
        assert "(- dockerfile: tests/a/Dockerfile)" in error.fix
        assert "--dockerfile" in error.fix
    assert make_unknown_image_error(["tests/b"], SPECS, [left_out]).what.startswith("No image")
