"""Images that are built on each other. What must stay apart is named before what belongs together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bot.model.spec import ImageSpec
from bot.project.image_chains import ChainedImage, ImageChains, ImageUse, is_namespaced


class World:
    """Images by their Dockerfiles' folders, and the names that each takes from outside."""

    def __init__(self, **takes: str) -> None:
        self.specs = {name: ImageSpec(name, f"{name}/Dockerfile", name) for name in takes}
        self.takes = {f"{name}/Dockerfile": names.split() for name, names in takes.items()}

    def provide(self, **names: str) -> "World":
        for name, provided in names.items():
            self.specs[name] = replace(self.specs[name], provides=tuple(provided.split()))
        return self

    def set_contexts(self, name: str, contexts: Mapping[str, str]) -> "World":
        self.specs[name] = replace(self.specs[name], build_contexts=contexts)
        return self

    def list_uses(self, spec: ImageSpec) -> Sequence[ImageUse]:
        names = self.takes[spec.dockerfile]
        return [ImageUse(name, is_base=name == names[0]) for name in names]

    def make_chains(self, *missing: str) -> ImageChains:
        specs = tuple(self.specs.values())
        return ImageChains(specs, self.list_uses, specs, missing)

    def find(self, name: str, *missing: str) -> ChainedImage:
        return self.make_chains(*missing).find_chain(self.specs[name])

    def list_links(self, name: str, *missing: str) -> list[tuple[str, str]]:
        links = self.find(name, *missing).links
        return [(link.name, link.image.spec.name) for link in links]

    def list_candidates(self, name: str) -> dict[str, list[str]]:
        uses = self.make_chains().list_open_uses(self.specs[name])
        return {name: [spec.name for spec in specs] for name, specs in uses.items()}


@pytest.mark.parametrize(
    "name",
    [
        "internal/base:1.2",
        "internal/bases",
        "ghcr.io/internal/base",
        "internal/base@sha256:" + "1" * 64,
    ],
)
def test_another_name_is_another_image(name: str) -> None:
    world = World(base="scratch", app=name).provide(base="internal/base")
    assert world.list_links("app") == []


@pytest.mark.parametrize(
    ("provided", "taken"),
    [
        ("internal/base", "internal/base:latest"),
        ("docker.io/internal/base:1", "internal/base:1"),
        ("python:3.12", "docker.io/library/python:3.12"),
        ("localhost:5000/base", "localhost:5000/base:latest"),
    ],
)
def test_a_name_is_the_same_image_in_all_of_dockers_forms(provided: str, taken: str) -> None:
    world = World(base="scratch", app=taken).provide(base=provided)
    assert world.list_links("app") == [(taken, "base")]
    (link,) = world.find("app").links
    assert (link.is_base, link.is_guess) == (True, False)


def test_an_image_is_not_built_on_itself() -> None:
    world = World(nginx="nginx", app="x").provide(nginx="nginx")
    assert world.find("nginx") == ChainedImage(world.specs["nginx"])


def test_chains_have_several_links() -> None:
    world = World(a="scratch", b="a", c="debian b").provide(a="a", b="b")
    (link,) = world.find("c").links
    assert (link.name, link.is_base, link.image.links[0].image.spec.name) == ("b", False, "a")


def test_images_in_a_circle_have_a_problem_that_names_it() -> None:
    world = World(a="c", b="a", c="b", app="b").provide(a="a", b="b", c="c")
    assert world.find("a").problem == (
        "its base images are built on each other: "
        "a/Dockerfile → c/Dockerfile → b/Dockerfile → a/Dockerfile"
    )
    assert "built on each other" in world.find("app").problem


def test_a_chain_without_an_end_has_a_problem() -> None:
    names = {f"i{number}": f"i{number + 1}" for number in range(2000)}
    world = World(**names, i2000="scratch").provide(**{name: name for name in (*names, "i2000")})
    assert world.find("i0").problem == "more than 20 images are built on each other"


def test_two_images_of_one_name_are_a_problem() -> None:
    world = World(a="scratch", b="scratch", app="x").provide(a="x", b="x")
    assert world.find("app").problem == (
        "x is provided by several images, a (a/Dockerfile) and b (b/Dockerfile); "
        "let one of them provide it"
    )


def test_a_base_is_built_for_the_platform_of_the_image_on_it() -> None:
    world = World(base="scratch", app="x").provide(base="x")
    spec = replace(world.specs["app"], platform="linux/arm64")
    (link,) = world.make_chains().find_chain(spec).links
    assert link.image.spec.platform == "linux/arm64"


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ("target:base", [("x", "base")]),
        ("target:base/Dockerfile", [("x", "base")]),
        ("docker-image://internal/base", [("x", "base")]),
        ("docker-image://debian", []),
        ("base", []),
        ("https://example.com/x.git", []),
    ],
)
def test_a_named_context_is_what_it_names(value: str, links: list[tuple[str, str]]) -> None:
    """Also under a name that another image provides."""
    world = World(base="scratch", other="scratch", app="x").provide(base="internal/base", other="x")
    assert world.set_contexts("app", {"x": value}).list_links("app") == links


def test_a_target_that_is_no_image_is_a_problem() -> None:
    world = World(app="x").set_contexts("app", {"x": "target:base"})
    assert world.find("app").problem == (
        "its build context x is target:base, which no image of the repository is"
    )


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("acme/base", ["base"]),
        ("ghcr.io/acme/my-base:1.2", ["base"]),
        ("BASE", ["base"]),
        ("acme/database", []),
        ("base/acme", []),
        ("acme/base@sha256:" + "1" * 64, []),
    ],
)
def test_a_dockerfile_may_build_what_its_folder_is_called(name: str, candidates: list[str]) -> None:
    world = World(base="scratch", app=name)
    assert world.list_candidates("app") == ({name: candidates} if candidates else {})


def test_a_dockerfile_does_not_build_what_it_is_built_on() -> None:
    assert World(grafana="grafana/grafana:9", app="grafana/grafana:10").list_candidates("app") == {}


@pytest.mark.parametrize("name", ["ghcr.io/acme/b:1", "b", "acme/image", "b:2"])
@pytest.mark.parametrize("provided", ["acme/b:dev", "localhost:5000/B:dev"])
def test_an_image_with_declared_names_may_be_meant_by_others_that_end_so(
    name: str, provided: str
) -> None:
    world = World(image="scratch", app=name).provide(image=provided)
    assert world.list_candidates("app") == {name: ["image"]}
    (link,) = world.find("app", name).links
    assert (link.image.spec.name, link.is_guess) == ("image", True)


def test_another_tag_of_a_declared_name_may_be_meant() -> None:
    world = World(image="scratch", app="acme/base:1.2").provide(image="acme/base")
    assert world.list_candidates("app") == {"acme/base:1.2": ["image"]}


def test_a_guess_is_taken_only_if_nobody_has_the_image() -> None:
    world = World(base="scratch", app="acme/base")
    assert world.list_links("app") == []
    (link,) = world.find("app", "acme/base").links
    assert (link.image.spec.name, link.is_guess) == ("base", True)


def test_of_two_candidates_none_is_taken() -> None:
    world = World(base="scratch", app="acme/base")
    world.specs["other"] = ImageSpec("other", "other/base/Dockerfile", "other")
    world.takes["other/base/Dockerfile"] = ["scratch"]
    assert world.list_links("app", "acme/base") == []
    assert world.list_candidates("app") == {"acme/base": ["base", "other"]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("python:3.12", False), ("docker.io/library/python", False), ("acme/base", True)],
)
def test_official_images_have_no_namespace(name: str, expected: bool) -> None:
    assert is_namespaced(name) is expected


def test_a_dockerfile_that_is_not_reviewed_is_no_candidate_beside_one_that_is() -> None:
    world = World(base="scratch", app="acme/base")
    specs = tuple(world.specs.values())
    test = ImageSpec("test", "tests/base/Dockerfile", "tests/base")
    world.takes[test.dockerfile] = ["scratch"]
    for declared, names in ((specs, ["base"]), (specs[1:], ["base", "test"])):
        chains = ImageChains(declared, world.list_uses, (*specs, test))
        candidates = chains.list_open_uses(world.specs["app"])["acme/base"]
        assert [spec.name for spec in candidates] == names


def test_an_excluded_image_provides_what_no_other_does() -> None:
    world = World(base="scratch", app="acme/base acme/tools", test="scratch")
    world.provide(base="acme/base", test="acme/base acme/tools")
    *specs, test = world.specs.values()
    chains = ImageChains(specs, world.list_uses, (*specs, test), excluded=(test,))
    links = chains.find_chain(world.specs["app"]).links
    assert [(link.name, link.image.spec.name, link.is_guess) for link in links] == [
        ("acme/base", "base", False),
        ("acme/tools", "test", False),
    ]
