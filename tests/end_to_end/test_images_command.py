"""`images`: what a review would be about, where no engine answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import start
from tests.support.repository import Repository

CONFIG = """\
images:
  - name: api
    dockerfile: api/Dockerfile
    context: .
    budget: {max-size: 300MB}
  - {name: web, dockerfile: web/Dockerfile, platforms: [linux/amd64, linux/arm64]}
budget: {max-growth: 10MB}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    files = {f"{name}/Dockerfile": "FROM scratch\nCOPY x /\n" for name in ("api", "web", "job")}
    repository.commit({**files, "web/node_modules/y/Dockerfile": "FROM x\n", "web/x": "1"})
    repository.commit({".github/image-size.yml": CONFIG, "job/x": "1"})
    repository.commit({"web/x": "2"})
    return repository


def list_images(repository: Repository, *options: str) -> str:
    environment = {"DOCKER_HOST": f"unix://{repository.path}/docker.sock"}
    command = ("images", "--repo", repository.path, "--base", "HEAD~1", *options)
    ended = start(*command, environment=environment)
    assert (ended.status, ended.stderr) == (0, "")
    return ended.stdout


def read_matrix(repository: Repository, *options: str) -> list[dict[str, Any]]:
    matrix = json.loads(list_images(repository, "--format", "json", *options))
    assert list(matrix) == ["include"]
    include: list[dict[str, Any]] = matrix["include"]
    return include


def test_the_table_says_what_would_be_reviewed_and_what_not(repository: Repository) -> None:
    table = list_images(repository)
    assert "api/Dockerfile" in table
    assert "max-size 300 MB (the image's budget in .github/image-size.yml)" in table
    assert "max-growth 10 MB (budget in .github/image-size.yml)" in table
    assert "web/node_modules/y/Dockerfile: in node_modules" in table


def test_the_matrix_has_an_entry_for_each_image_with_its_facts(repository: Repository) -> None:
    entries = {(x["name"], x["platform"]): x for x in read_matrix(repository)}
    assert {("api", None), ("web", "linux/amd64"), ("web", "linux/arm64")} <= set(entries)
    api = entries["api", None]
    assert (api["images"], api["dockerfile"], api["context"]) == ("api", "api/Dockerfile", ".")
    # Its context is the whole repository, of which a file has changed.
    assert (api["state"], api["affected"]) == ("changed", True)
    assert [(x["name"], x["value"]) for x in api["limits"]] == [
        ("max-size", "300 MB"),
        ("max-growth", "10 MB"),
    ]


def test_only_what_a_change_affects(repository: Repository) -> None:
    repository.commit({"job/y": "2"})
    names = {entry["name"] for entry in read_matrix(repository, "--affected")}
    assert "web" not in names
    assert "api" in names


def test_shards_have_the_names_that_select_their_images(repository: Repository) -> None:
    shards = read_matrix(repository, "--shards", "2")
    assert [shard["shard"] for shard in shards] == [1, 2]
    for shard in shards:
        names = shard["images"].split("\n")
        assert {image["name"] for image in shard["contents"]} == set(names)
        options = [option for name in names for option in ("--image", name)]
        assert len(read_matrix(repository, *options)) == len(shard["contents"])


def test_nothing_affected_is_an_empty_matrix(repository: Repository) -> None:
    repository.commit({"README": "x", ".dockerignore": ""})
    repository.commit({})
    assert read_matrix(repository, "--affected") == []


@pytest.mark.parametrize(
    "config", ["", "discover: false\nimages: [{name: api, dockerfile: api/Dockerfile}]\n"]
)
def test_an_image_on_a_base_that_a_changed_dockerfile_may_build_is_affected(
    tmp_path: Path, config: str
) -> None:
    repository = Repository(tmp_path / "guessed")
    files = {"api/Dockerfile": "FROM acme/base:2\n", "base/Dockerfile": "FROM scratch\n"}
    repository.commit({**files, **({".github/image-size.yml": config} if config else {})})
    repository.commit({"base/Dockerfile": "FROM scratch\nENV a=1\n"})
    entries = {x["dockerfile"]: x for x in read_matrix(repository, "--affected")}
    api = entries["api/Dockerfile"]
    assert (api["state"], api["affected"], api["based_on"]) == (
        "changed",
        True,
        ["base/Dockerfile"],
    )
    if not config:
        (shard,) = read_matrix(repository, "--affected", "--shards", "2")
        assert shard["images"].split("\n") == ["api/Dockerfile", "base/Dockerfile"]
