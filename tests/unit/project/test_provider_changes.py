"""What images of the repository are built on, which head builds otherwise than base."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.model.report import ImageState, Outcome
from bot.model.spec import ImageSpec
from bot.project.image_chains import ImageChains, ImageUse
from bot.project.image_plan import PlannedImage
from bot.project.provider_changes import find_provider_changes, list_provider_changes

APP = ImageSpec("app", "app/Dockerfile", "app")
FULL = ImageSpec("full", "base/Dockerfile", "base", "full", provides=("acme/base:1",))
TINY = ImageSpec("tiny", "base/Dockerfile", "base", "tiny", provides=("acme/tiny:1",))
MIDDLE = ImageSpec("middle", "middle/Dockerfile", "middle", provides=("acme/middle:1",))
USES = {"app/Dockerfile": "acme/base:1"}
Specs = tuple[ImageSpec, ...]


def describe(
    base: Specs, head: Specs, uses: Mapping[str, str] = USES, reviewed: Specs = ()
) -> list[str]:
    """Return the changes of what app is built on; `reviewed` are in the review beside it."""
    chains = tuple(
        ImageChains(
            specs,
            lambda spec: [ImageUse(uses[spec.dockerfile])] if spec.dockerfile in uses else [],
        )
        for specs in (base, head)
    )
    old, new = (
        side.find_chain(next(x for x in specs if x.name == "app"))
        for side, specs in zip(chains, (base, head), strict=True)
    )
    changes = find_provider_changes((chains[0], chains[1]), old, new)
    app = PlannedImage(old.spec, new.spec, ImageState.CHANGED, provider_changes=changes)
    others = [
        PlannedImage(spec, other, ImageState.CHANGED)
        for spec in base
        for other in head
        if spec.name == other.name and spec in reviewed
    ]
    rules = list_provider_changes([app, *others], None, "file")
    assert {rule.result for rule in rules} <= {Outcome.WARN}
    return [f"{rule.subject}: {rule.before} → {rule.after}" for rule in rules]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"target": "small"}, "target: full → small"),
        ({"context": "other"}, "context: base → other"),
        ({"build_args": {"W": "secret"}}, "build arguments: W set (value not shown)"),
        ({"build_contexts": {"lib": "lib"}}, "named contexts: lib added (lib)"),
    ],
)
def test_another_build_of_the_same_dockerfile_is_another_base_image(
    change: Mapping[str, object], text: str
) -> None:
    other: ImageSpec = replace(FULL, **change)  # type: ignore[arg-type]
    warning = (
        "the base image acme/base:1: built from base/Dockerfile → built from base/Dockerfile, "
        f"with another {text}"
    )
    assert describe((APP, FULL), (APP, other)) == [warning]
    # Of an image that is reviewed, its own row says it.
    assert describe((APP, FULL), (APP, other), reviewed=(FULL,)) == []


def test_images_of_a_dockerfile_that_exchange_their_names_are_others() -> None:
    head = (
        APP,
        replace(FULL, provides=TINY.provides),
        replace(TINY, provides=FULL.provides),
    )
    (warning,) = describe((APP, FULL, TINY), head, reviewed=(FULL, TINY))
    assert warning.endswith("with another target: full → tiny")


def test_another_target_of_a_named_context_is_another_base_image() -> None:
    apps = [replace(APP, build_contexts={"acme/base:1": f"target:{x}"}) for x in ("full", "tiny")]
    (warning,) = describe(
        (apps[0], FULL, TINY), (apps[1], FULL, TINY), reviewed=(apps[0], FULL, TINY)
    )
    assert warning.endswith("with another target: full → tiny")


def test_all_that_a_base_image_is_built_on_counts() -> None:
    uses = {"app/Dockerfile": "acme/middle:1", "middle/Dockerfile": "acme/base:1"}
    other = replace(FULL, build_args={"W": "x"})
    (warning,) = describe((APP, MIDDLE, FULL), (APP, MIDDLE, other), uses, reviewed=(MIDDLE,))
    assert warning.startswith("the base image acme/base:1: ")


def test_the_same_base_image_under_another_name_of_its_target_is_no_warning() -> None:
    uses = {"app/Dockerfile": "acme/middle:1", "middle/Dockerfile": "lib"}
    lib = ImageSpec("lib", "lib/Dockerfile", "lib")
    base = (APP, replace(MIDDLE, build_contexts={"lib": "target:lib"}), lib)
    head = (
        APP,
        replace(MIDDLE, build_contexts={"lib": "target:library"}),
        replace(lib, name="library"),
    )
    assert describe(base, head, uses) == []


def test_what_is_published_is_another_base_image() -> None:
    assert describe((APP, FULL), (APP,)) == [
        "the base image acme/base:1: built from base/Dockerfile → the published image"
    ]
