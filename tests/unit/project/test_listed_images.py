"""What a configuration lists beside what is discovered."""

from bot.model.spec import Budget, ContextSource, ImageSpec
from bot.project.config_file import parse_config
from bot.project.image_plan import discover_images
from bot.project.listed_images import list_unlisted, unite_images

PATHS = ("Dockerfile", "api/Dockerfile")


def unite(text: str, *others: ImageSpec) -> dict[str, ImageSpec]:
    config = parse_config(text, "c.yml")
    discovered = (*discover_images(PATHS, Budget()), *others)
    images = unite_images(config.images or (), discovered, config.defaults)
    return {image.name: image for image in images}


def test_an_entry_overrides_the_image_of_its_dockerfile() -> None:
    images = unite("images: [{name: api, dockerfile: api/Dockerfile, target: small}]")
    assert images.keys() == {"api", "Dockerfile"}
    assert images["api"].target == "small"


def test_an_entry_of_another_dockerfile_adds_an_image() -> None:
    assert unite("images: [{name: x, dockerfile: test/Dockerfile}]").keys() == {"x", *PATHS}


def test_an_entry_takes_what_it_leaves_out_from_what_it_overrides() -> None:
    declared = ImageSpec(
        "bake",
        "bake/Dockerfile",
        ".",
        build_args={"A": "1", "B": "1"},
        context_source=ContextSource.BAKE,
        context_reason="docker-bake.hcl",
    )
    text = "images: [{name: x, dockerfile: bake/Dockerfile, build-args: {B: 2}}]"
    image = unite(text, declared)["x"]
    assert (image.context, image.context_source) == (".", ContextSource.BAKE)
    assert image.build_args == {"A": "1", "B": "2"}


def test_another_stage_of_the_dockerfile_stays() -> None:
    stage = ImageSpec("api/Dockerfile:debug", "api/Dockerfile", ".", "debug")
    images = unite("images: [{name: api, dockerfile: api/Dockerfile}]", stage)
    assert images.keys() == {"api", "Dockerfile", "api/Dockerfile:debug"}
    assert images["api"].target is None


def test_an_entry_of_a_stage_that_is_an_image_leaves_the_last_stage() -> None:
    stage = ImageSpec("api/Dockerfile:test", "api/Dockerfile", ".", "test", {"A": "1"})
    text = "images: [{dockerfile: api/Dockerfile, target: test, budget: {max-size: 1MB}}]"
    images = unite(text, stage)
    assert images.keys() == {*PATHS, "api/Dockerfile:test"}
    assert images["api/Dockerfile:test"].budget.max_size == 1_000_000
    assert images["api/Dockerfile:test"].build_args == {"A": "1"}


def test_an_entry_of_another_stage_and_one_without_a_target_are_two_images() -> None:
    text = "images: [{dockerfile: api/Dockerfile, target: test}, {dockerfile: api/Dockerfile}]"
    assert unite(text).keys() == {*PATHS, "api/Dockerfile:test"}


def test_an_entry_named_as_one_of_several_builds_of_a_stage_leaves_the_others() -> None:
    builds = [
        ImageSpec(name, "x/Dockerfile", ".", build_args={"V": name}) for name in ("new", "old")
    ]
    named = unite("images: [{name: old, dockerfile: x/Dockerfile, context: x}]", *builds)
    assert {name: named[name].build_args for name in ("new", "old")} == {
        "new": {"V": "new"},
        "old": {"V": "old"},
    }
    assert named["old"].context == "x"
    unnamed = unite("images: [{dockerfile: x/Dockerfile, build-args: {V: 3}}]", *builds)
    assert unnamed.keys() == {*PATHS, "x/Dockerfile"}


def test_an_excluded_build_is_overridden_as_one_that_is_not() -> None:
    stage = ImageSpec("api/Dockerfile:test", "api/Dockerfile", ".", "test")
    listed = parse_config("images: [{dockerfile: api/Dockerfile, target: test}]", "c.yml").images
    discovered = discover_images(PATHS, Budget())
    assert list_unlisted(listed or (), discovered, [stage]) == discovered
    assert list_unlisted(listed or (), [stage], discovered) == ()


def test_defaults_hold_for_what_is_discovered() -> None:
    text = "defaults: {build-args: {A: 1}, platforms: [linux/amd64], network: none, context: .}"
    image = unite(text)["api/Dockerfile"]
    assert (image.build_args, image.platform, image.needs.network) == (
        {"A": "1"},
        "linux/amd64",
        "none",
    )
    assert (image.context, image.context_source) == (".", ContextSource.CONFIGURED)


def test_a_discovered_image_gives_up_a_name_that_is_taken() -> None:
    images = unite("images: [{name: Dockerfile, dockerfile: api/Dockerfile}]")
    assert {name: image.dockerfile for name, image in images.items()} == {
        "Dockerfile": "api/Dockerfile",
        "./Dockerfile": "Dockerfile",
    }
