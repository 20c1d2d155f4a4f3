"""The images of a revision, of what was discovered and what compose and bake files declare."""

from collections.abc import Sequence

import pytest

from bot.model.spec import Budget, ContextSource, ImageSpec
from bot.project.bake_document import BakeTarget
from bot.project.build_file_images import merge_images
from bot.project.declared_builds import BuildFile, DeclaredBuild, SkippedBuild, locate_builds
from bot.project.image_plan import discover_images

COMPOSE = BuildFile(("compose.yaml",), ContextSource.COMPOSE, (".",))
BAKE = BuildFile(("docker-bake.hcl",), ContextSource.BAKE, (".",))
PATHS = ("Dockerfile", "api/Dockerfile", "base/Dockerfile", "api/main.py", "deploy/Dockerfile")
TREE = {path: f"100644 {number}" for number, path in enumerate(PATHS)}


def locate(file: BuildFile, *targets: BakeTarget) -> tuple[DeclaredBuild, ...]:
    located = locate_builds(file, targets, TREE, lambda _: ("1", "prod"))
    assert located.skipped == ()
    return located.builds


def skip(target: BakeTarget) -> SkippedBuild:
    located = locate_builds(COMPOSE, [target], TREE, lambda _: ())
    assert located.builds == ()
    return located.skipped[0]


def merge(builds: Sequence[DeclaredBuild]) -> dict[str, ImageSpec]:
    return {spec.name: spec for spec in merge_images(discover_images(TREE, Budget()), builds)}


def test_a_discovered_image_is_built_as_a_file_says_and_keeps_its_name() -> None:
    target = BakeTarget("api", ".", "api/Dockerfile", args={"A": "1"}, tags=("org/api",))
    images = merge(locate(COMPOSE, target))
    assert images.keys() == {path for path in PATHS if path.endswith("Dockerfile")}
    assert images["api/Dockerfile"] == ImageSpec(
        "api/Dockerfile",
        "api/Dockerfile",
        ".",
        build_args={"A": "1"},
        provides=("org/api",),
        context_source=ContextSource.COMPOSE,
        context_reason="compose.yaml",
    )


def test_bake_outranks_compose() -> None:
    builds = (
        *locate(BAKE, BakeTarget("a", ".", "api/Dockerfile")),
        *locate(COMPOSE, BakeTarget("b", "api", args={"A": "1"}), BakeTarget("c", "base")),
    )
    images = merge(builds)
    assert images["api/Dockerfile"].context_source is ContextSource.BAKE
    assert images["api/Dockerfile"].build_args == {}
    assert images["base/Dockerfile"].context_source is ContextSource.COMPOSE


@pytest.mark.parametrize("target", ["prod", "PROD", "1"])
def test_the_last_stage_is_the_image_of_its_dockerfile(target: str) -> None:
    images = merge(locate(BAKE, BakeTarget("a", "api", target=target)))
    assert images["api/Dockerfile"].target is None
    assert len(images) == len([path for path in PATHS if path.endswith("Dockerfile")])


def test_another_stage_adds_an_image_and_its_context_holds_for_the_last_one() -> None:
    images = merge(locate(COMPOSE, BakeTarget("a", ".", "api/Dockerfile", target="dev")))
    assert images["api/Dockerfile:dev"].target == "dev"
    last = images["api/Dockerfile"]
    assert (last.target, last.context, last.context_source) == (None, ".", ContextSource.COMPOSE)


def test_builds_of_one_stage_with_other_arguments_are_called_as_their_targets() -> None:
    targets = [BakeTarget(f"api-{v}", "api", args={"V": v}) for v in ("1", "2")]
    images = merge(locate(BAKE, *targets))
    assert "api/Dockerfile" not in images
    assert [images[f"api-{v}"].build_args for v in ("1", "2")] == [{"V": "1"}, {"V": "2"}]


def test_two_targets_of_the_same_image_are_one() -> None:
    targets = [BakeTarget("web", "api", tags=("web",)), BakeTarget("job", "api", tags=("job",))]
    assert merge(locate(COMPOSE, *targets))["api/Dockerfile"].provides == ("web", "job")


def test_platforms_are_images_of_their_own() -> None:
    target = BakeTarget("api", "api", platforms=("linux/amd64", "linux/arm64", "linux/amd64"))
    images = merge_images((), locate(BAKE, target))
    assert [image.key for image in images] == [
        ("api/Dockerfile", "linux/amd64"),
        ("api/Dockerfile", "linux/arm64"),
    ]


def test_contexts_that_are_targets_are_called_as_their_images() -> None:
    targets = [
        BakeTarget("api", "api", contexts={"base": "target:common", "lib": "base", "x": "docker-image://x"}),
        BakeTarget("common", "base"),
    ]  # fmt: skip
    expected = {"base": "target:base/Dockerfile", "lib": "base", "x": "docker-image://x"}
    assert merge(locate(COMPOSE, *targets))["api/Dockerfile"].build_contexts == expected
    # The image is the same where bake declares it.
    both = (*locate(BAKE, BakeTarget("other", "base")), *locate(COMPOSE, *targets))
    assert merge(both)["api/Dockerfile"].build_contexts == expected


def test_paths_are_relative_to_the_folder_where_the_dockerfile_is() -> None:
    file = BuildFile(("deploy/bake.hcl",), ContextSource.BAKE, (".", "deploy"))
    (build,) = locate(file, BakeTarget("a", "api"))
    assert (build.spec.dockerfile, build.spec.context) == ("api/Dockerfile", "api")
    file = BuildFile(("deploy/bake.hcl",), ContextSource.BAKE, ("nowhere", "deploy"))
    (build,) = locate(file, BakeTarget("b", ".", contexts={"c": "../api"}))
    assert (build.spec.context, build.spec.build_contexts) == ("deploy", {"c": "api"})


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (BakeTarget("a", is_inline=True), "in the file itself"),
        (BakeTarget("a", "https://github.com/org/app.git#main"), "not a folder"),
        (BakeTarget("a", "git@github.com:org/app.git"), "not a folder"),
        (BakeTarget("a", "github.com/org/app"), "not a folder"),
        (BakeTarget("a", "/etc"), "outside of the repository"),
        (BakeTarget("a", ".."), "outside of the repository"),
        (BakeTarget("a", dockerfile="/etc/Dockerfile"), "outside of the repository"),
        (BakeTarget("a", dockerfile="../Dockerfile"), "outside of the repository"),
        (BakeTarget("a", contexts={"x": "/root/.ssh"}), "outside of the repository"),
        (BakeTarget("a", contexts={"x": "cwd:///root"}), "outside of the repository"),
        (BakeTarget("a", contexts={"x": "oci-layout:///root"}), "is not a folder"),
        (BakeTarget("a", contexts={"x": "foo://../.git"}), "is not a folder"),
        (BakeTarget("a", contexts={"x": "cwd://foo://../.git"}), "is not a folder"),
        (BakeTarget("a", contexts={"x": "git://[/../../.git"}), "is not a folder"),
        (BakeTarget("a", contexts={"x": "api/../git@a:b"}), "is not the name of a folder"),
        (BakeTarget("a", contexts={"x=foo": "api"}), "not the name of a build context"),
        (BakeTarget("a", contexts={"x": "a/" * 2500}), "longer than the path"),
        (BakeTarget("a", contexts={"x": "a" * 300}), "longer than the path"),
        (BakeTarget("a", "foo://../.git"), "not a folder"),
        (BakeTarget("a", dockerfile="foo://../.git"), "outside of the repository"),
        (BakeTarget("a", args={"A": "1\0"}), "argument 'A' cannot be used: it has bytes"),
        (BakeTarget("a", args={"A\0": "1"}), "U+0000"),
        (BakeTarget("a", args={"A": "1" * 200_000}), "more than 100,000 bytes"),
        (BakeTarget("a", target="x\0"), "its target cannot be used"),
        (BakeTarget("a\0"), "its name cannot be used"),
        (BakeTarget("a", contexts={"x\0": "api"}), "not the name of a build context"),
        (BakeTarget("a", contexts={"x": "api\0"}), "named context 'x' cannot be used"),
        (BakeTarget("a", tags=("x\0",)), "cannot be used"),
        (BakeTarget("a", "x\0"), "its context cannot be used"),
        (BakeTarget("a", "nowhere"), "'nowhere/Dockerfile' is not in the revision"),
        (BakeTarget("a", platforms=("amd64",)), "not a platform"),
    ],
)
def test_what_is_not_built_is_said(target: BakeTarget, reason: str) -> None:
    skipped = skip(target)
    assert (skipped.name, skipped.file) == (target.name, "compose.yaml")
    assert reason in skipped.reason
