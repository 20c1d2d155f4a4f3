"""Configuration files behind symbolic links of the repository."""

import os
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.errors import InputError
from bot.line.declared_images import ConfigSources, RevisionConfigs, read_configs
from bot.model.spec import GrowthLimit
from tests.support.repository import Repository

CONFIG = ".github/image-size.yml"
TEXT = "budget: {max-growth: 1MB}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def link(repository: Repository, name: str, target: str) -> None:
    (repository.path / name).parent.mkdir(exist_ok=True)
    (repository.path / name).symlink_to(target)


def read(repository: Repository, head: str, base: str | None = None) -> RevisionConfigs:
    with GitRepository(repository.path, os.environ) as git:
        return read_configs(git, ConfigSources(), head, base)


@pytest.mark.parametrize(
    ("file", "name", "target"),
    [
        ("size.yml", CONFIG, "../size.yml"),
        ("gh/image-size.yml", ".github", "gh"),
        ("a/b/image-size.yml", ".github", "./a/b"),
    ],
)
def test_links_inside_of_the_repository_are_followed(
    repository: Repository, file: str, name: str, target: str
) -> None:
    link(repository, name, target)
    sha = repository.commit({file: TEXT})
    configs = read(repository, sha, sha)
    assert configs.base is not None
    assert configs.base.budget.max_growth == GrowthLimit(1_000_000)
    assert configs.head == configs.base


@pytest.mark.parametrize(
    ("name", "target"),
    [
        (CONFIG, "../none.yml"),
        (CONFIG, "/size.yml"),
        (CONFIG, "../../size.yml"),
        (CONFIG, "image-size.yml"),
        (CONFIG, "../folder"),
        (".github", "none"),
        (".github", "../folder"),
        (".github", "size.yml"),
    ],
)
def test_a_link_to_no_file_of_the_repository_is_a_mistake(
    repository: Repository, name: str, target: str
) -> None:
    link(repository, name, target)
    base = repository.commit({"size.yml": TEXT, "folder/a": ""})
    with pytest.raises(InputError, match=r"image-size\.yml' cannot be read"):
        read(repository, base)
    head = repository.commit({name: None})
    configs = read(repository, head, base)
    assert configs.base is None
    assert "leads to no file of the repository" in configs.base_mistake


def test_a_linked_folder_without_the_file_has_no_configuration(repository: Repository) -> None:
    link(repository, ".github", "gh")
    sha = repository.commit({"gh/other.yml": ""})
    assert read(repository, sha, sha).base is None
    assert read(repository, sha, sha).base_mistake == ""
