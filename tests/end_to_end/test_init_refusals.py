"""`init` where a file would be lost, or say nothing: nothing is built, and no engine is asked."""

from pathlib import Path

import pytest

from tests.support.command import start
from tests.support.repository import Repository


@pytest.mark.parametrize("name", ["image-size.yml", "image-size.yaml"])
def test_a_configuration_that_exists_is_not_overwritten(tmp_path: Path, name: str) -> None:
    repository = Repository(tmp_path)
    repository.commit({"Dockerfile": "FROM scratch\n", f".github/{name}": "comment: never\n"})
    environment = {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
    ended = start("init", "--repo", tmp_path, environment=environment)
    assert (ended.status, ended.stdout) == (2, "")
    assert "already" in ended.stderr
    assert "--output" in ended.stderr
    assert (tmp_path / ".github" / name).read_text("utf-8") == "comment: never\n"


def test_a_repository_without_images_gets_no_file(tmp_path: Path) -> None:
    Repository(tmp_path).commit({"README": "", "tests/Dockerfile": "FROM scratch\n"})
    environment = {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
    ended = start("init", "--repo", tmp_path, environment=environment)
    assert (ended.status, ended.stdout) == (2, "")
    assert "There is no Dockerfile to set a limit for." in ended.stderr
    assert "left out: tests/Dockerfile" in ended.stderr
    assert not (tmp_path / ".github").exists()
