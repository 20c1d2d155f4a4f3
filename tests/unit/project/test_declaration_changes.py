"""What a change declares otherwise of the images that base reviews."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.model.image_identity import ImageIdentity
from bot.model.report import ImageState, Outcome
from bot.model.spec import Budget, ImageSpec
from bot.project.declaration_changes import (
    DeclarationFacts,
    compare_declarations,
    list_renamed_dockerfiles,
    list_replaced_folders,
)
from bot.project.image_plan import PlannedImage

FACTS = DeclarationFacts("linux/amd64")
APP = ImageSpec("app", "app/Dockerfile", "app", build_args={"OLD": "secret"})


def pair(old: ImageSpec, new: ImageSpec) -> PlannedImage:
    return PlannedImage(old, new, ImageState.CHANGED, base_budget=Budget())


def describe(*images: PlannedImage, facts: DeclarationFacts = FACTS) -> list[str]:
    changes = list(compare_declarations(images, facts, "file"))
    assert {change.result for change in changes} <= {Outcome.WARN}
    return [f"{x.subject}: {x.before} → {x.after}" for x in changes]


def with_arguments(arguments: Mapping[str, str]) -> ImageSpec:
    return replace(APP, build_args=arguments)


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (replace(APP, target="small"), "target of the image app: the last stage → small"),
        (replace(APP, context="."), "context of the image app: app → ."),
        (
            replace(APP, dockerfile="other/Dockerfile", context="other"),
            "Dockerfile of the image app: app/Dockerfile → other/Dockerfile",
        ),
        (
            with_arguments({"OLD": "other", "SRC": "secret"}),
            "build arguments of the image app: None → "
            "OLD changed (value not shown), SRC set (value not shown)",
        ),
        (with_arguments({}), "build arguments of the image app: None → OLD removed"),
    ],
)
def test_another_declaration_may_loosen(new: ImageSpec, text: str) -> None:
    assert describe(pair(APP, new)) == [f"the {text}"]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({}, {"python:3": "docker-image://busybox"}, "python:3 added (docker-image://busybox)"),
        ({"lib": "lib"}, {}, "lib removed (lib)"),
        ({"lib": "lib"}, {"lib": "other"}, "lib changed (lib → other)"),
        (
            {"a": "docker-image://debian"},
            {"a": "docker-image://busybox", "build": "x"},
            "a changed (docker-image://debian → docker-image://busybox), build added (x)",
        ),
        ({"lib": "target:lib"}, {"lib": "lib"}, "lib changed (target:lib → lib)"),
        (
            {"lib": "lib"},
            {"lib": "https://me:hidden@example.com/lib.git"},
            "lib changed (lib → https://example.com/lib.git)",
        ),
    ],
)
def test_other_named_contexts_may_loosen(
    before: Mapping[str, str], after: Mapping[str, str], text: str
) -> None:
    image = pair(replace(APP, build_contexts=before), replace(APP, build_contexts=after))
    assert describe(image) == [f"the named contexts of the image app: None → {text}"]


def test_a_long_named_context_is_shortened() -> None:
    image = pair(APP, replace(APP, build_contexts={"n" * 9_000: "v" * 9_000}))
    (change,) = describe(image)
    assert len(change) < 300


def test_a_named_context_that_moved_is_the_same() -> None:
    image = pair(
        replace(APP, build_contexts={"lib": "lib", "x": "docker-image://x"}),
        replace(APP, build_contexts={"lib": "libs/own", "x": "docker-image://x"}),
    )
    assert list_replaced_folders([image]) == {("lib", "libs/own")}
    assert describe(image, facts=replace(FACTS, moved_folders=[("lib", "libs/own")])) == []


def test_the_name_of_a_target_is_no_difference_of_its_image() -> None:
    image = pair(
        replace(APP, build_contexts={"lib": "target:a"}),
        replace(APP, build_contexts={"lib": "target:b"}),
    )
    assert describe(image) == []


def test_another_platform_may_loosen() -> None:
    new = replace(APP, platform="linux/arm64")
    identity = ImageIdentity("app", "app/Dockerfile", None)
    image = replace(pair(new, new), renamed_from=identity)
    assert describe(image) == ["the platform of the image app: the machine's → linux/arm64"]


def test_the_platform_of_the_machine_is_the_same_with_its_name() -> None:
    new = replace(APP, platform="linux/amd64")
    identity = ImageIdentity("app", "app/Dockerfile", None)
    assert describe(replace(pair(new, new), renamed_from=identity)) == []


def test_a_dockerfile_that_moved_with_its_folder_is_the_same() -> None:
    new = replace(APP, dockerfile="docker/Dockerfile", context="docker")
    paths = ("app/Dockerfile", "docker/Dockerfile")
    assert list_renamed_dockerfiles([pair(APP, new)]) == {paths}
    assert describe(pair(APP, new), facts=replace(FACTS, moved=[paths])) == []


def test_an_image_with_another_name_is_known_by_its_dockerfile() -> None:
    new = ImageSpec("b/Dockerfile", "b/Dockerfile", "b")
    old = ImageSpec("a/Dockerfile", "a/Dockerfile", "a")
    identity = ImageIdentity("a/Dockerfile", "a/Dockerfile", None)
    assert describe(replace(pair(old, new), renamed_from=identity)) == []


@pytest.mark.parametrize(
    "image",
    [
        PlannedImage(None, APP, ImageState.NEW, base_budget=Budget()),
        PlannedImage(APP, None, ImageState.REMOVED, base_budget=Budget()),
        PlannedImage(APP, replace(APP, target="small"), ImageState.CHANGED),
        replace(pair(APP, replace(APP, context=".")), has_older_dockerfile=True),
    ],
)
def test_what_base_does_not_review_is_not_compared(image: PlannedImage) -> None:
    assert describe(image) == []


def test_the_first_file_is_compared_with_the_discovered_image() -> None:
    own = ImageSpec("Dockerfile", "Dockerfile", ".")
    facts = replace(FACTS, discovered={"Dockerfile": own})
    listed = ImageSpec("app", "Dockerfile", "c", "small")
    assert describe(pair(listed, listed), facts=facts) == [
        "the context of the image app: . → c",
        "the target of the image app: the last stage → small",
    ]
    whole = ImageSpec("whole", "Dockerfile", ".", platform="linux/amd64")
    assert describe(pair(listed, listed), pair(whole, whole), facts=facts) == []
