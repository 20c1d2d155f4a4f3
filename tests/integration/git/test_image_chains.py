"""The plan of a review with images that are built on each other, from real commits."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.chained_images import ChainFinder
from bot.line.contexts import ContextFinder
from bot.line.declared_images import RevisionConfigs
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.model.report import ImageState
from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.config_file import ProjectConfig, parse_config
from bot.project.image_chains import BaseLink
from bot.project.image_entries import ImageDefaults
from bot.project.image_plan import PlannedImage
from bot.project.overrides import Overrides
from tests.support.repository import Repository

DISCOVERED = ProjectConfig()
PROVIDED = ProjectConfig(
    (
        ImageSpec("base", "base/Dockerfile", "base", provides=("acme/base",)),
        ImageSpec("app", "app/Dockerfile", "app"),
        ImageSpec("tool", "tool/Dockerfile", "tool"),
    )
)


class Planner:
    """Plans a review of the last commit; it writes down for which images it asks."""

    def __init__(self, path: Path) -> None:
        self.repository = Repository(path)
        self.repository.commit(
            {
                "base/Dockerfile": "FROM scratch\nCOPY x /x\n",
                "base/x": "1",
                "app/Dockerfile": "FROM acme/base\nCOPY a /a\n",
                "app/a": "1",
                "tool/Dockerfile": "FROM debian\n",
            }
        )
        self.requested_names: list[str] = []

    def plan(
        self,
        config: ProjectConfig = DISCOVERED,
        published: Collection[str] = (),
        *,
        head_config: ProjectConfig | None = None,
        images: tuple[str, ...] = (),
        asks: bool = True,
    ) -> dict[str, PlannedImage]:
        def find_missing(names: Sequence[str], platform: str | None) -> Collection[str]:
            self.requested_names += names
            return [name for name in names if name not in published]

        with GitRepository(self.repository.path, {}) as git:
            head, base = (git.resolve_revision(name) for name in ("HEAD", "HEAD~1"))
            request = ReviewRequest(
                ReviewedRevision(head, "head"),
                RevisionConfigs(head_config or config, config),
                ReviewedRevision(base, "base"),
                Overrides(images),
            )
            contexts = ContextFinder(git, DockerfileReader(), BakePrinter({}))
            chains = ChainFinder(git, contexts.dockerfiles, find_missing if asks else None)
            planned = plan_images(git, request, contexts, chains)
        return {image.spec.dockerfile.partition("/")[0]: image for image in planned}


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    return Planner(tmp_path / "repository")


def list_states(planned: dict[str, PlannedImage]) -> dict[str, str]:
    return {name: image.state.value for name, image in planned.items()}


def test_an_image_on_a_base_that_changes_is_changed(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    planned = planner.plan(PROVIDED)
    assert list_states(planned) == {"base": "changed", "app": "changed", "tool": "unchanged"}
    assert (planner.requested_names, planned["app"].base_doubts) == ([], ())


def test_an_image_on_a_base_that_stays_is_unchanged_and_nothing_is_asked(planner: Planner) -> None:
    planner.repository.commit({"tool/Dockerfile": "FROM debian:12\n"})
    for config in (PROVIDED, DISCOVERED):
        assert list_states(planner.plan(config))["app"] == "unchanged"
    assert planner.requested_names == []


def test_a_base_that_nobody_has_is_guessed_and_said(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan()["app"]
    assert app.state is ImageState.CHANGED
    assert app.base_doubts == (
        "base/Dockerfile was taken for acme/base, which neither the engine nor a registry has; "
        "if that is right, set `provides` of that image in the configuration",
    )
    assert planner.requested_names == ["acme/base"]


def test_a_base_that_is_published_is_taken_and_its_double_is_said(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan(published=["acme/base"])["app"]
    assert app.state is ImageState.UNCHANGED
    assert app.base_doubts == (
        "base/Dockerfile may build acme/base and differs here, but the image was built on the "
        "published one; set `provides` of that image in the configuration: acme/base if it builds "
        "that, otherwise its own names or []. The setting counts once base has it, too",
    )


def state_names(*names: str) -> ProjectConfig:
    """Return the configuration that lists all names of the base image."""
    text = f"images:\n- {{dockerfile: base/Dockerfile, provides: {json.dumps(names)}}}\n"
    return parse_config(text, "image-size.yml")


@pytest.mark.parametrize("names", [(), ("acme/other",), ("elsewhere/base",)])
def test_a_published_base_is_no_doubt_if_the_other_image_has_other_names(
    planner: Planner, names: tuple[str, ...]
) -> None:
    planner.repository.commit({"base/x": "2"})
    assert planner.plan(published=["acme/base"])["app"].base_doubts != ()
    app = planner.plan(state_names(*names), published=["acme/base"])["app"]
    assert (app.state, app.base_doubts) == (ImageState.UNCHANGED, ())


def test_another_tag_of_a_stated_name_stays_a_doubt(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan(state_names("acme/base:2"), published=["acme/base"])["app"]
    assert len(app.base_doubts) == 1


def test_names_that_head_alone_states_hide_no_doubt(planner: Planner) -> None:
    """A pull request could let a base image grow, and say that it is another one."""
    planner.repository.commit({"base/x": "2"})
    for config in (DISCOVERED, state_names("acme/base:2")):
        planned = planner.plan(config, published=["acme/base"], head_config=state_names())
        assert len(planned["app"].base_doubts) == 1


def test_a_base_that_nobody_has_is_said_also_beside_stated_names(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    assert len(planner.plan(state_names())["app"].base_doubts) == 1


def test_a_published_base_is_no_doubt_as_long_as_its_double_stays(planner: Planner) -> None:
    planner.repository.commit({"app/a": "2"})
    app = planner.plan(published=["acme/base"])["app"]
    assert (app.state, app.base_doubts) == (ImageState.CHANGED, ())


def test_guesses_are_followed_to_the_image_that_changes(planner: Planner) -> None:
    planner.repository.commit({"top/Dockerfile": "FROM acme/app\n"})
    planner.repository.commit({"base/x": "2"})
    assert list_states(planner.plan())["top"] == "changed"
    assert sorted(planner.requested_names) == ["acme/app", "acme/base"]


def test_a_dockerfile_behind_a_link_is_followed(planner: Planner) -> None:
    (planner.repository.path / "linked").mkdir()
    (planner.repository.path / "linked/Dockerfile").symlink_to("../app/Dockerfile")
    planner.repository.commit({"linked/a": "1"})
    planner.repository.commit({"base/x": "2"})
    linked = planner.plan()["linked"]
    assert linked.head_chain is not None
    assert [link.name for link in linked.head_chain.links] == ["acme/base"]


def test_a_base_that_is_only_built_for_others_has_the_needs_of_all_images(planner: Planner) -> None:
    needs = BuildNeeds(network="host")
    config = ProjectConfig(
        (ImageSpec("app", "app/Dockerfile", "app"),),
        defaults=ImageDefaults(ImageSpec("", "", "", needs=needs)),
        discovers=False,
    )
    planner.repository.commit({"base/x": "22"})
    image = planner.plan(config)["app"]
    for chain in (image.base_chain, image.head_chain):
        assert chain is not None
        assert [link.image.spec.needs for link in chain.links] == [needs]


CLOSED = ProjectConfig((ImageSpec("tool", "tool/Dockerfile", "tool"),), discovers=False)
TARGETED = ProjectConfig(
    (
        ImageSpec("base", "base/Dockerfile", "base"),
        ImageSpec(
            "app",
            "app/Dockerfile",
            "app",
            build_contexts={"acme/base": "target:base/Dockerfile"},
        ),
        ImageSpec("tool", "tool/Dockerfile", "tool"),
    )
)


def get_problem(image: PlannedImage) -> str:
    return image.head_chain.problem if image.head_chain else "no chain"


def list_links(image: PlannedImage) -> Sequence[BaseLink]:
    return image.head_chain.links if image.head_chain else ()


def test_images_that_the_change_drops_are_built_on_what_base_declares(planner: Planner) -> None:
    planner.repository.commit({"README.md": "words"})
    planned = planner.plan(TARGETED, head_config=CLOSED)
    assert list_states(planned) == dict.fromkeys(("tool", "base", "app"), "unchanged")
    assert [get_problem(image) for image in planned.values()] == ["", "", ""]


@pytest.mark.parametrize("images", [(), ("app",)])
def test_a_dropped_image_is_changed_with_its_dropped_base(
    planner: Planner, images: tuple[str, ...]
) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan(TARGETED, head_config=CLOSED, images=images)["app"]
    assert (app.state, get_problem(app), app.is_dropped) == (ImageState.CHANGED, "", True)


def test_a_dropped_image_is_built_on_its_base_as_base_declares_it(planner: Planner) -> None:
    planner.repository.commit({"tool/x": "1"})
    nothing = ImageSpec("base", "base/Dockerfile", "base")
    app = planner.plan(PROVIDED, head_config=ProjectConfig((nothing,), discovers=False))["app"]
    assert (app.state, app.is_dropped) == (ImageState.UNCHANGED, True)
    assert [link.image.spec.name for link in list_links(app)] == ["base"]


def test_a_dropped_image_follows_its_base_to_another_folder(planner: Planner) -> None:
    planner.repository.commit({"tool/x": "1"})
    planner.repository.git("mv", "base", "core")
    planner.repository.commit({})
    moved = ImageSpec("base", "core/Dockerfile", "core")
    app = planner.plan(PROVIDED, head_config=ProjectConfig((moved,), discovers=False))["app"]
    assert get_problem(app) == ""
    assert [x.image.spec.dockerfile for x in list_links(app)] == ["core/Dockerfile"]


APP_ONLY = ProjectConfig((ImageSpec("app", "app/Dockerfile", "app"),), discovers=False)


def list_paths(specs: Sequence[ImageSpec]) -> list[str]:
    return [spec.dockerfile for spec in specs]


@pytest.mark.parametrize("config", [DISCOVERED, APP_ONLY])
def test_where_nobody_is_asked_a_base_that_may_be_another_changes_the_image(
    planner: Planner, config: ProjectConfig
) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan(config, asks=False)["app"]
    assert (app.state, planner.requested_names) == (ImageState.CHANGED, [])
    assert list_paths(app.possible_bases) == ["base/Dockerfile"]


def test_where_nobody_is_asked_a_base_that_stays_changes_nothing(planner: Planner) -> None:
    planner.repository.commit({"tool/Dockerfile": "FROM debian:12\n"})
    app = planner.plan(asks=False)["app"]
    assert app.state is ImageState.UNCHANGED
    assert list_paths(app.possible_bases) == ["base/Dockerfile"]


def test_where_nobody_is_asked_each_of_several_candidates_counts(planner: Planner) -> None:
    planner.repository.commit({"other/base/Dockerfile": "FROM scratch\n"})
    planner.repository.commit({"other/base/Dockerfile": "FROM scratch\nCMD x\n"})
    app = planner.plan(asks=False)["app"]
    assert app.state is ImageState.CHANGED
    assert list_paths(app.possible_bases) == ["base/Dockerfile", "other/base/Dockerfile"]


@pytest.mark.parametrize("asks", [True, False])
def test_a_base_of_a_base_that_nobody_reviews_counts(planner: Planner, asks: bool) -> None:
    """Its change is seen through an image that is no image of the plan."""
    planner.repository.commit(
        {"middle/Dockerfile": "FROM acme/base\n", "app/Dockerfile": "FROM acme/middle\n"}
    )
    planner.repository.commit({"base/x": "2"})
    app = planner.plan(APP_ONLY, asks=asks)["app"]
    assert app.state is ImageState.CHANGED
    assert sorted(planner.requested_names) == (["acme/base", "acme/middle"] if asks else [])
    if asks:
        assert app.head_chain is not None
        (link,) = app.head_chain.links
        assert [other.name for other in link.image.links] == ["acme/base"]


def test_a_guess_behind_a_declared_base_is_asked_for(planner: Planner) -> None:
    config = ProjectConfig(
        (
            ImageSpec("middle", "middle/Dockerfile", "middle", provides=("acme/own",)),
            ImageSpec("app", "app/Dockerfile", "app"),
        ),
        discovers=False,
    )
    planner.repository.commit(
        {"middle/Dockerfile": "FROM acme/base\n", "app/Dockerfile": "FROM acme/own\n"}
    )
    planner.repository.commit({"app/a": "2"})
    app = planner.plan(config)["app"]
    assert planner.requested_names == ["acme/base"]
    assert [doubt.partition(" ")[0] for doubt in app.base_doubts] == ["base/Dockerfile"]
