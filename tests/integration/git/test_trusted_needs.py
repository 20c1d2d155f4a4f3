"""The needs of builds in a plan of two commits: those of base's file, on both sides."""

import os
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.chained_images import ChainFinder
from bot.line.contexts import ContextFinder
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.project.image_plan import PlannedImage
from bot.pull_request.event import Commit
from tests.support.repository import Repository

CONFIG = ".github/image-size.yml"
DOCKERFILE = "FROM scratch\nCOPY . /\n"
FILES: dict[str, str | None] = {"api/Dockerfile": DOCKERFILE, "api/app": "1"}
BARE = "images: [{name: api, dockerfile: api/Dockerfile}]"
NEEDY = "images: [{name: api, dockerfile: api/Dockerfile, secrets: ['id=npm,env=NPM']}]"
ALL = "defaults: {secrets: ['id=all,env=ALL']}"


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    """Return a function that plans the review of two commits and returns the images by name."""

    def run(
        before: dict[str, str | None], after: dict[str, str | None], *, is_accepted: bool = False
    ) -> dict[str, PlannedImage]:
        repository = Repository(tmp_path / "repository")
        changed: dict[str, str | None] = {"api/app": "2", **after}
        base, head = repository.commit(FILES | before), repository.commit(changed)
        with GitRepository(repository.path, os.environ) as git:
            configs = read_configs(git, ConfigSources(), head, base)
            request = ReviewRequest(
                ReviewedRevision(Commit(head), "head"),
                configs,
                ReviewedRevision(Commit(base), "base"),
                is_accepted=is_accepted,
            )
            contexts = ContextFinder(git, DockerfileReader(), BakePrinter({}))
            chains = ChainFinder(git, contexts.dockerfiles, lambda names, platform: ())
            planned = plan_images(git, request, contexts, chains)
            return {image.spec.name: image for image in planned}

    return run


def secrets_of(image: PlannedImage) -> set[tuple[str, ...]]:
    """Return the secrets of each side; one entry if they are the same."""
    sides = [side for side in (image.base, image.head) if side]
    return {tuple(secret.id for secret in side.needs.secrets) for side in sides}


@pytest.mark.parametrize("head", [NEEDY, BARE, "budget: {}", None])
def test_the_secrets_of_base_hold_on_both_sides(plan: Any, head: str | None) -> None:
    (image,) = plan({CONFIG: NEEDY}, {CONFIG: head}).values()
    assert secrets_of(image) == {("npm",)}


def test_a_base_image_of_the_repository_has_the_secrets_of_base(plan: Any) -> None:
    """It is built for the images on it, too."""
    api = "{name: api, dockerfile: api/Dockerfile}"
    before = f"images: [{{name: lib, dockerfile: lib/Dockerfile, provides: [x]}}, {api}]"
    files = {"lib/Dockerfile": DOCKERFILE, "api/Dockerfile": "FROM x\n", CONFIG: before}
    after = before.replace("[x]", "[x], secrets: ['id=npm,env=NPM']")
    (image,) = (
        image for image in plan(files, {CONFIG: after}).values() if image.spec.name == "api"
    )
    (link,) = image.head_chain.links
    assert (link.image.spec.name, link.image.spec.needs.secrets) == ("lib", ())


@pytest.mark.parametrize("base", [{}, {CONFIG: BARE}, {CONFIG: "{}"}, {CONFIG: "images: ["}])
@pytest.mark.parametrize("head", [NEEDY, ALL])
def test_a_change_gives_itself_no_secrets(
    plan: Any, base: dict[str, str | None], head: str
) -> None:
    images = plan(base, {CONFIG: head}).values()
    assert {sides for image in images for sides in secrets_of(image)} == {()}


def test_a_new_image_has_what_base_gives_to_all(plan: Any) -> None:
    new = {"web/Dockerfile": "FROM scratch\nCOPY x /\n", "web/x": "1"}
    images = plan({CONFIG: ALL}, new)
    assert {name: secrets_of(image) for name, image in images.items()} == {
        "api/Dockerfile": {("all",)},
        "web/Dockerfile": {("all",)},
    }


def test_a_new_image_takes_no_secret_of_another_one(plan: Any) -> None:
    entries = "{name: web, dockerfile: web/Dockerfile, secrets: ['id=npm,env=NPM']}"
    new = {"web/Dockerfile": "FROM busybox\n", CONFIG: f"{NEEDY[:-1]}, {entries}]"}
    assert secrets_of(plan({CONFIG: NEEDY}, new)["web"]) == {()}


def test_an_image_that_is_renamed_keeps_its_secrets(plan: Any) -> None:
    renamed = {CONFIG: BARE.replace("name: api", "name: service")}
    assert secrets_of(plan({CONFIG: NEEDY}, renamed)["service"]) == {("npm",)}


def test_what_is_merged_holds_for_both_sides(plan: Any) -> None:
    images = plan({CONFIG: BARE}, {CONFIG: NEEDY}, is_accepted=True)
    assert secrets_of(images["api"]) == {("npm",)}
