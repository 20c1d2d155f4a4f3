"""A pull request that declares an image otherwise is never green without a word."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.runner import REPO, Job, pull_request

CONFIG = ".github/image-size.yml"
DOCKERFILE = "FROM scratch AS small\nFROM scratch\nCOPY app /\n"
FILES: dict[str, str | None] = {"big/Dockerfile": DOCKERFILE, "big/app": "x" * 20_000}
APP = "name: app, dockerfile: big/Dockerfile"


@pytest.fixture
def review(tmp_path: Path, github: GitHubStandIn, tools: ArchiveTools) -> Any:
    """Return a function that reviews a pull request and returns its verdict and the rules."""

    def run(
        before: dict[str, str | None], after: dict[str, str | None], **inputs: str
    ) -> tuple[str, list[str]]:
        pull = pull_request(tmp_path / "origin", FILES | before, after)
        github.add_repository(REPO, collaborators={"alice": "write"})
        github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
        job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, "")
        job.check_out(pull.origin, "refs/pull/7/merge")
        job.inputs.update({"max-growth": "5kB"} | inputs)
        done = job.run_here(tools.open)
        assert "report" in done.outputs, done.log
        document = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
        subjects = [x["subject"] for x in document["gate_changes"] if x["result"] == "warn"]
        return document["verdict"], subjects

    return run


def listed(*images: str) -> dict[str, str | None]:
    return {CONFIG: f"images: [{', '.join(f'{{{image}}}' for image in images)}]"}


@pytest.mark.parametrize("base", [listed(APP), {}])
@pytest.mark.parametrize(
    ("head", "what"),
    [
        (f"{APP}, context: other", "context"),
        (f"{APP}, build-args: {{SRC: secret}}", "build arguments"),
        (f"{APP}, platforms: [linux/s390x]", "platform"),
    ],
)
def test_another_declaration_is_a_warning(
    review: Any, base: dict[str, str | None], head: str, what: str
) -> None:
    files = base | {"other/app": "x"}
    verdict, subjects = review(files, listed(head))
    assert (verdict, subjects) == ("warn", [f"the {what} of the image app"])


def test_images_that_exchange_their_dockerfiles_are_a_warning(review: Any) -> None:
    other: dict[str, str | None] = {"small/Dockerfile": DOCKERFILE, "small/app": "x"}
    base = listed(
        "name: big, dockerfile: big/Dockerfile", "name: small, dockerfile: small/Dockerfile"
    )
    head = listed(
        "name: big, dockerfile: small/Dockerfile", "name: small, dockerfile: big/Dockerfile"
    )
    verdict, subjects = review(other | base, head, **{"max-growth": "50kB"})
    assert verdict == "warn"
    assert subjects == ["the Dockerfile of the image big", "the Dockerfile of the image small"]


def test_equal_dockerfiles_that_all_move_are_a_warning(review: Any) -> None:
    other: dict[str, str | None] = {"small/Dockerfile": DOCKERFILE, "small/app": "x"}
    base = listed(
        "name: big, dockerfile: big/Dockerfile", "name: small, dockerfile: small/Dockerfile"
    )
    head = listed("name: big, dockerfile: a/Dockerfile", "name: small, dockerfile: b/Dockerfile")
    moved: dict[str, str | None] = {
        "big/Dockerfile": None,
        "big/app": None,
        "small/Dockerfile": None,
        "small/app": None,
        "a/Dockerfile": DOCKERFILE,
        "a/app": "x",
        "b/Dockerfile": DOCKERFILE,
        "b/app": "xx",
    }
    verdict, subjects = review(other | base, head | moved)
    assert verdict == "warn"
    assert subjects == ["the Dockerfile of the image big", "the Dockerfile of the image small"]


def test_a_folder_that_moves_is_no_warning(review: Any) -> None:
    moved: dict[str, str | None] = {
        "big/Dockerfile": None,
        "big/app": None,
        "docker/Dockerfile": DOCKERFILE,
        "docker/app": "x" * 20_000,
    }
    head = listed("name: app, dockerfile: docker/Dockerfile")
    assert review(listed(APP), head | moved) == ("pass", [])


@pytest.mark.parametrize("head", [APP, f"{APP}, budget: {{max-growth: 1kB}}"])
def test_the_first_file_with_the_discovered_image_is_no_warning(review: Any, head: str) -> None:
    assert review({}, listed(head)) == ("pass", [])


def test_a_selected_image_that_gets_another_path_is_a_warning(review: Any) -> None:
    new: dict[str, str | None] = {
        "big/Dockerfile": None,
        "big/app": None,
        "new/Dockerfile": "FROM scratch\nCOPY app /srv/\n",
        "new/app": "y" * 90_000,
    }
    assert review({}, new, images="big")[0] == "warn"


ON_PYTHON: dict[str, str | None] = {
    "big/Dockerfile": "FROM python:3.12\nCOPY app /\n",
    "evil/Dockerfile": "FROM scratch\nCOPY x /\n",
    "evil/x": "1",
    "base/Dockerfile": "FROM scratch\nCOPY x /\n",
    "base/x": "1",
}
BASE = "name: base, dockerfile: base/Dockerfile"
EVIL = "name: evil, dockerfile: evil/Dockerfile"


@pytest.mark.parametrize("base", [listed(APP, EVIL), {}])
@pytest.mark.parametrize(
    "head",
    [
        listed(APP, f"{EVIL}, provides: ['python:3.12']"),
        listed(f"{APP}, build-contexts: {{'python:3.12': 'target:evil'}}", EVIL),
    ],
)
def test_an_image_that_takes_the_place_of_a_published_one_is_a_warning(
    review: Any, base: dict[str, str | None], head: dict[str, str | None]
) -> None:
    """A smaller base image would hide what grows."""
    _, subjects = review(ON_PYTHON | base, head)
    assert "the base image python:3.12" in subjects


def test_a_published_name_that_a_dockerfile_begins_to_use_is_a_warning(review: Any) -> None:
    config = listed(APP, f"{EVIL}, provides: ['python:3.13']")
    files = {"big/Dockerfile": "FROM python:3.13\nCOPY app /\n"}
    _, subjects = review(ON_PYTHON | listed(APP, EVIL), {**config, **files})
    assert subjects == ["the base image python:3.13"]


@pytest.mark.parametrize(
    "head",
    [
        listed(APP, BASE, f"{EVIL}, provides: ['python:3.12']"),
        listed(APP, BASE, EVIL),
    ],
)
def test_another_or_no_provider_of_a_base_image_is_a_warning(
    review: Any, head: dict[str, str | None]
) -> None:
    before = listed(APP, f"{BASE}, provides: ['python:3.12']", EVIL)
    _, subjects = review(ON_PYTHON | before, head)
    assert subjects == ["the base image python:3.12"]


def test_the_same_provider_is_no_warning_wherever_it_moves(review: Any) -> None:
    before = listed(APP, f"{BASE}, provides: ['python:3.12']")
    after = listed(APP, "name: base, dockerfile: new/Dockerfile, provides: ['python:3.12']")
    moved = {"new/Dockerfile": ON_PYTHON["base/Dockerfile"], "new/x": "1"}
    removed = {"base/Dockerfile": None, "base/x": None}
    verdict, subjects = review(ON_PYTHON | before, {**after, **moved, **removed})
    assert (verdict, subjects) == ("pass", [])


LIB = f"{APP}, build-contexts: {{lib: lib}}"
ON_LIB: dict[str, str | None] = {
    "big/Dockerfile": "FROM scratch\nCOPY --from=lib x /\n",
    "lib/x": "1",
    "lib2/x": "1",
}


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (listed(LIB), listed(f"{APP}, build-contexts: {{lib: lib2}}")),
        (
            {CONFIG: "budget: {max-growth: 5kB}"},
            {CONFIG: "defaults: {build-contexts: {lib: lib2}}\nbudget: {max-growth: 5kB}"},
        ),
    ],
)
def test_another_named_context_is_a_warning(
    review: Any, base: dict[str, str | None], head: dict[str, str | None]
) -> None:
    """What grows in the folder of base is in no image then."""
    verdict, subjects = review(ON_LIB | base, {**head, "lib/grown": "x" * 90_000})
    name = "app" if "app" in str(head[CONFIG]) else "big/Dockerfile"
    assert (verdict, subjects) == ("warn", [f"the named contexts of the image {name}"])


def test_a_named_context_that_moves_is_no_warning(review: Any) -> None:
    moved = {"lib/x": None, "libs/own/x": "1"}
    head = listed(f"{APP}, build-contexts: {{lib: libs/own}}")
    assert review(ON_LIB | listed(LIB), {**head, **moved}) == ("pass", [])
