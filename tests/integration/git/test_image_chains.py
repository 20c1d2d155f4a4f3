"""The plan of a review with images that are built on each other, from real commits."""

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
from bot.project.config_file import ProjectConfig
from bot.project.image_entries import ImageDefaults
from bot.project.image_plan import PlannedImage
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
        self.asked: list[str] = []

    def plan(
        self, config: ProjectConfig = DISCOVERED, published: Collection[str] = ()
    ) -> dict[str, PlannedImage]:
        def find_missing(names: Sequence[str], platform: str | None) -> Collection[str]:
            self.asked += names
            return [name for name in names if name not in published]

        with GitRepository(self.repository.path, {}) as git:
            head, base = (git.resolve_revision(name) for name in ("HEAD", "HEAD~1"))
            request = ReviewRequest(
                ReviewedRevision(head, "head"),
                RevisionConfigs(config, config),
                ReviewedRevision(base, "base"),
            )
            chains = ChainFinder(git, DockerfileReader(), find_missing)
            planned = plan_images(
                git, request, ContextFinder(git, DockerfileReader(), BakePrinter({})), chains
            )
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
    assert (planner.asked, planned["app"].base_doubts) == ([], ())


def test_an_image_on_a_base_that_stays_is_unchanged_and_nothing_is_asked(planner: Planner) -> None:
    planner.repository.commit({"tool/Dockerfile": "FROM debian:12\n"})
    for config in (PROVIDED, DISCOVERED):
        assert list_states(planner.plan(config))["app"] == "unchanged"
    assert planner.asked == []


def test_a_base_that_nobody_has_is_guessed_and_said(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan()["app"]
    assert app.state is ImageState.CHANGED
    assert app.base_doubts == (
        "base/Dockerfile was taken for acme/base, which neither the engine nor a registry has; "
        "if that is right, set `provides` of that image in the configuration",
    )
    assert planner.asked == ["acme/base"]


def test_a_base_that_is_published_is_taken_and_its_double_is_said(planner: Planner) -> None:
    planner.repository.commit({"base/x": "2"})
    app = planner.plan(published=["acme/base"])["app"]
    assert app.state is ImageState.UNCHANGED
    assert app.base_doubts == (
        "base/Dockerfile may build acme/base and differs here, but the image was built on what is "
        "published; if it does, set `provides` of that image in the configuration",
    )


def test_a_published_base_is_no_doubt_as_long_as_its_double_stays(planner: Planner) -> None:
    planner.repository.commit({"app/a": "2"})
    app = planner.plan(published=["acme/base"])["app"]
    assert (app.state, app.base_doubts) == (ImageState.CHANGED, ())


def test_guesses_are_followed_to_the_image_that_changes(planner: Planner) -> None:
    planner.repository.commit({"top/Dockerfile": "FROM acme/app\n"})
    planner.repository.commit({"base/x": "2"})
    assert list_states(planner.plan())["top"] == "changed"
    assert sorted(planner.asked) == ["acme/app", "acme/base"]


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
