"""`--image`: names that select, and the answers to those that select nothing."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import start
from tests.support.engine.client import make_client_environment
from tests.support.repository import Repository

STAGES = "FROM scratch AS debug\nCOPY x /d\nFROM scratch AS last\nCOPY x /\n"
COMPOSE = """\
services:
  api: {build: {context: services/api}}
  api-debug: {build: {context: services/api, target: debug}}
  far: {build: {context: "https://github.com/a/b.git"}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "shop")
    repository.commit(
        {
            "compose.yaml": COMPOSE,
            "services/api/Dockerfile": STAGES,
            "services/api/x": "1",
            "web/Dockerfile": "FROM scratch\nCOPY x /\n",
            "web/x": "1",
            "web/tests/Dockerfile": "FROM scratch\n",
            "web/vendor/a/Dockerfile": "FROM scratch\n",
        }
    )
    repository.commit({"services/api/x": "2"})
    return repository


@pytest.fixture
def client(tmp_path: Path) -> Mapping[str, str]:
    environment = make_client_environment(tmp_path)
    return {**environment, "PATH": f"{environment['PATH']}:{os.environ['PATH']}"}


def run_images(
    repository: Repository, client: Mapping[str, str], *options: str
) -> tuple[int, str, str]:
    command = ("images", "--repo", repository.path, "--base", "HEAD~1", *options)
    ended = start(*command, environment=client)
    return ended.status, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    ("selector", "titles"),
    [
        ("services/api/Dockerfile", {"api"}),
        ("services/api/Dockerfile:debug", {"api:debug"}),
        ("api:debug", {"api:debug"}),
        ("services/api", {"api", "api:debug"}),
        ("*:debug", {"api:debug"}),
        ("**/Dockerfile", {"api", "api:debug", "web"}),
    ],
)
def test_names_select_images(
    repository: Repository, client: Mapping[str, str], selector: str, titles: set[str]
) -> None:
    status, output, _ = run_images(repository, client, "--image", selector, "--format", "json")
    assert status == 0
    assert {entry["title"] for entry in json.loads(output)["include"]} == titles


def test_an_image_has_the_same_title_whichever_others_are_selected(
    tmp_path: Path, client: Mapping[str, str]
) -> None:
    repository = Repository(tmp_path / "shop")
    folders = ("a/billing", "b/billing")
    repository.commit({f"{folder}/Dockerfile": "FROM scratch\n" for folder in folders})
    repository.commit({"x": "1"})
    for folder in folders:
        _, output, _ = run_images(repository, client, "--image", folder, "--format", "json")
        assert [entry["title"] for entry in json.loads(output)["include"]] == [folder]


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ("web/tests", "web/tests/Dockerfile: excluded by default (**/tests/**)"),
        ("./web/tests/Dockerfile", "web/tests/Dockerfile: excluded by default (**/tests/**)"),
        ("web/*/a", "web/vendor/a/Dockerfile: in vendor"),
        ("far", "far of compose.yaml: its context"),
    ],
)
def test_what_is_not_reviewed_is_answered_with_the_reason_and_the_way_out(
    repository: Repository, client: Mapping[str, str], selector: str, reason: str
) -> None:
    status, output, error = run_images(repository, client, "--image", selector)
    assert (status, output) == (2, "")
    assert f"The image '{selector}' is not reviewed." in error
    assert reason in error
    assert "`images:` in .github/image-size.yml" in error


def test_the_way_out_leads_to_the_image(repository: Repository, client: Mapping[str, str]) -> None:
    path = "web/tests/Dockerfile"
    status, output, _ = run_images(repository, client, "--dockerfile", path, "--format", "json")
    assert (status, json.loads(output)["include"][0]["dockerfile"]) == (0, path)
    repository.commit({".github/image-size.yml": f"images:\n  - dockerfile: {path}\n"})
    status, output, _ = run_images(repository, client, "--image", path, "--format", "json")
    assert (status, json.loads(output)["include"][0]["dockerfile"]) == (0, path)


@pytest.mark.parametrize("compose", [COMPOSE, None])
def test_a_change_cannot_take_an_image_out_of_the_selection(
    repository: Repository, client: Mapping[str, str], compose: str | None
) -> None:
    """Head calls a small stage of a Dockerfile as the workflow selects the Dockerfile's image."""
    names = {"services/api": "./services/api", "web": "web"}
    entries = "\n".join(
        f"  - {{name: {name}, dockerfile: {folder}/Dockerfile}}" for folder, name in names.items()
    )
    config = {".github/image-size.yml": f"images:\n{entries}\n"}
    repository.commit({**config, "compose.yaml": compose})
    text = "images: [{name: services/api, dockerfile: services/api/Dockerfile, target: debug}]\n"
    repository.commit({".github/image-size.yml": text, "services/api/x": "3"})
    _, output, _ = run_images(repository, client, "--image", "services/api", "--format", "json")
    states = {(x["dockerfile"], x["target"]): x["state"] for x in json.loads(output)["include"]}
    assert states["services/api/Dockerfile", None] == "changed"
