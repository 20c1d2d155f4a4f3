"""Globs of images: `*` stays in a folder, `**` does not."""

import pytest

from bot.model.spec import ImageSpec
from bot.project.globs import compile_glob
from bot.project.image_plan import select_images
from bot.project.unknown_images import make_unknown_image_error

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
        ("[z-a]", "[z-a]", True),
        ("[", "[", True),
        ("a.c", "abc", False),
    ],
)
def test_a_glob_matches_a_whole_text(glob: str, text: str, matches: bool) -> None:
    assert bool(compile_glob(glob).fullmatch(text)) is matches


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
    assert error.fix == "check the name; the nearest is 'services/api'"


def test_of_many_images_some_are_named() -> None:
    specs = [ImageSpec(f"image-{number}", "Dockerfile", ".") for number in range(200)]
    error = make_unknown_image_error(["#"], specs)
    assert error.why.endswith("'image-19' and 180 others")
    assert error.fix == "check the name"
