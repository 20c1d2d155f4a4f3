import shlex
from dataclasses import replace

import pytest

from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.commands import ReviewOptions
from bot.model.spec import Budget, GrowthLimit, ImageSpec, Limits
from bot.project.image_plan import (
    discover_images,
    has_build_files,
    is_behind_symlink,
    is_dockerfile,
    is_out_of_tree,
    list_build_settings,
)
from bot.project.image_selector import select_images
from bot.project.overrides import Overrides
from bot.project.reproduce_command import build_reproduce_command

SPEC = ImageSpec("api", "api/Dockerfile", "api")
TREE = {
    "api/Dockerfile": "100644 a",
    "api/x": "100644 b",
    "web/x": "100644 c",
    "README.md": "100644 d",
}


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "a/Dockerfile",
        "web.Dockerfile",
        "Dockerfile.prod",
        "Containerfile",
        "x/dockerfile",
    ]
    + ["Dockerfile.v1.2", "a b/My App.Dockerfile"],
)
def test_usual_dockerfile_names_are_recognised(path: str) -> None:
    assert is_dockerfile(path)


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile.dockerignore",
        "web.Dockerfile.dockerignore",
        "Dockerfile.j2",
        "Dockerfile.md",
        "xDockerfile",
    ]
    + [
        "node_modules/x/Dockerfile",
        "vendor/a/Dockerfile",
        "docker/file",
        "Dockerfile.in",
        "Dockerfiles",
    ],
)
def test_files_that_are_no_dockerfile(path: str) -> None:
    assert not is_dockerfile(path)


def test_each_dockerfile_is_an_image_with_its_folder_as_context() -> None:
    tree = {"Dockerfile": "", "a/b.Dockerfile": "", "a/readme": ""}
    specs = discover_images(tree, Budget())
    assert [(x.name, x.context) for x in specs] == [("Dockerfile", "."), ("a/b.Dockerfile", "a")]


@pytest.mark.parametrize("name", ["api", "api/Dockerfile", "./api/", "api/"])
def test_an_image_is_selected_by_name_dockerfile_or_folder(name: str) -> None:
    other = ImageSpec("web", "web/Dockerfile", "web")
    assert select_images([SPEC, other], [name]) == (SPEC,)
    assert select_images([SPEC, other], []) == (SPEC, other)


def test_the_folder_of_the_dockerfile_selects_an_image() -> None:
    spec = ImageSpec("x", "docker/Dockerfile", ".")
    assert select_images([spec], ["docker"]) == (spec,)


def test_the_last_parts_of_the_folder_select_an_image_whatever_others_are_called() -> None:
    """A change that calls another image `billing` takes none out of the selection."""
    billing = ImageSpec("shop", "apps/services/billing/Dockerfile", ".")
    other = ImageSpec("billing", "b/Dockerfile", "b")
    for name in ("billing", "services/billing", "apps/services/billing"):
        assert billing in select_images([billing, other], [name])
    assert select_images([billing], ["illing"]) == select_images([billing], ["services"]) == ()


def test_a_fingerprint_covers_the_inputs_of_the_build() -> None:
    before = list_build_settings(SPEC, TREE)
    assert list_build_settings(SPEC, {**TREE, "web/x": "100644 z"}) == before
    assert list_build_settings(SPEC, {**TREE, "api/Dockerfile": "100644 b"}) != before
    assert list_build_settings(replace(SPEC, target="t"), TREE) != before
    assert list_build_settings(replace(SPEC, build_args={"A": "1"}), TREE) != before
    assert list_build_settings(replace(SPEC, budget=Budget(max_size=1)), TREE) == before


@pytest.mark.parametrize("link", ["api", "api/Dockerfile"])
def test_a_dockerfile_or_context_can_be_behind_a_link(link: str) -> None:
    assert is_behind_symlink(SPEC, {**TREE, link: "120000 f"})
    assert is_out_of_tree(SPEC, {**TREE, link: "120000 f"})
    assert not is_behind_symlink(SPEC, {**TREE, "api/x": "120000 f"})
    assert not is_out_of_tree(SPEC, {**TREE, "api/x": "120000 f"})


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, context="vendor/lib"),
        replace(SPEC, context="vendor/lib/src"),
        replace(SPEC, dockerfile="vendor/lib/Dockerfile"),
        replace(SPEC, build_contexts={"shared": "vendor/lib"}),
        replace(SPEC, build_contexts={"shared": "vendor/lib/src"}),
    ],
)
def test_a_dockerfile_or_context_can_be_in_a_submodule(spec: ImageSpec) -> None:
    tree = {**TREE, "vendor/lib": "160000 f"}
    assert is_out_of_tree(spec, tree)
    assert has_build_files(spec, tree)
    assert not is_behind_symlink(spec, tree)
    assert not is_out_of_tree(SPEC, tree)
    assert not has_build_files(replace(spec, dockerfile="api/D"), tree)


def test_presence_requires_dockerfile_and_context() -> None:
    assert has_build_files(SPEC, TREE)
    assert has_build_files(replace(SPEC, context="."), TREE)
    assert has_build_files(replace(SPEC, context="link"), {**TREE, "link": "120000 f"})
    assert has_build_files(replace(SPEC, dockerfile="link/D"), {**TREE, "link": "120000 f"})
    assert not has_build_files(replace(SPEC, context="aps"), TREE)
    assert not has_build_files(replace(SPEC, dockerfile="api/D"), TREE)


def test_inputs_override_the_configuration() -> None:
    overrides = Overrides(
        target="t",
        build_args={"B": "2"},
        platforms=("linux/arm64", "linux/amd64"),
        limits=Limits(7),
    )
    specs = overrides.apply_to_specs(
        (replace(SPEC, build_args={"A": "1", "B": "1"}, platform="linux/s390x"),)
    )
    assert [x.platform for x in specs] == ["linux/arm64", "linux/amd64"]
    assert specs[0].build_args == {"A": "1", "B": "2"}
    assert (specs[0].target, specs[0].budget.max_size) == ("t", 7)


def test_the_reproduce_command_repeats_the_options() -> None:
    limits = Limits(7, GrowthLimit(percent=5), max_waste=GrowthLimit(9), max_layers=12)
    overrides = Overrides(("a b",), build_args={"TOKEN": "secret"}, limits=limits)
    reproduce_command = build_reproduce_command(
        "review", {"--base": "1", "--head": "2", "--config": None}, overrides
    )
    assert reproduce_command == (
        "image-size-review review --base 1 --head 2 --max-size 7 --max-growth 5% --max-waste 9 "
        "--max-layers 12 --image 'a b' --build-arg TOKEN"
    )
    options = parse_arguments(shlex.split(reproduce_command)[1:])
    assert isinstance(options, ReviewOptions)
    assert (options.images.names, options.images.limits) == (("a b",), limits)


def test_the_inputs_can_name_the_one_image() -> None:
    assert Overrides().declare_image(Budget()) == ()
    (by_file,) = Overrides(dockerfile="a/web.Dockerfile").declare_image(Budget())
    assert (by_file.dockerfile, by_file.context) == ("a/web.Dockerfile", "a")
    (by_context,) = Overrides(context="svc").declare_image(Budget())
    assert (by_context.dockerfile, by_context.context) == ("svc/Dockerfile", "svc")
