"""The list of public applications: what it says, how it is fetched, and that its page agrees."""

import re
import subprocess
from pathlib import Path

import pytest

from bench.public_applications import (
    LIST,
    PublicApplication,
    fetch_application,
    main,
    read_applications,
    select_applications,
)

APPLICATIONS = read_applications(LIST)
PAGE = Path(__file__).parents[3] / "docs" / "proved-applications.md"


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *author, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a Dockerfile of another name in a folder."""
    repository = tmp_path / "owner" / "shop"
    (repository / "api").mkdir(parents=True)
    (repository / "api" / "api.Dockerfile").write_text("FROM busybox\n")
    (repository / "api" / "main.go").write_text("package main\n")
    (repository / "other.txt").write_text("not of the context\n")
    git(repository, "init", "--quiet")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "first")
    return repository


def test_the_context_is_fetched_at_the_commit(repository: Path, tmp_path: Path) -> None:
    shop = PublicApplication(
        "go-shop", "owner/shop", git(repository, "rev-parse", "HEAD"), "api/api.Dockerfile"
    )
    apps = tmp_path / "apps"
    fetch_application(shop, apps, f"file://{tmp_path}/{{repository}}")
    assert sorted(x.name for x in (apps / "go-shop").iterdir()) == [
        "Dockerfile",
        "api.Dockerfile",
        "main.go",
    ]
    assert [x.name for x in apps.iterdir()] == ["go-shop"]


def test_a_repository_that_is_gone_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"file://{tmp_path}/none/{{repository}}"
    assert main([str(tmp_path / "apps"), "--source", source, "--fetch-only"]) == 2
    assert APPLICATIONS[0].commit in capsys.readouterr().err


def test_names_are_chosen_by_their_beginnings() -> None:
    names = ("go-a", "go-b", "node-a")
    applications = [PublicApplication(name, "o/r", "0" * 40) for name in names]
    assert [x.name for x in select_applications(applications, ["go-"])] == ["go-a", "go-b"]
    assert select_applications(applications, []) == applications


def test_each_application_is_named_once_and_at_a_commit() -> None:
    assert len({application.name for application in APPLICATIONS}) == len(APPLICATIONS) >= 15
    assert all(re.fullmatch(r"[0-9a-f]{40}", application.commit) for application in APPLICATIONS)


def test_the_page_lists_the_same_applications() -> None:
    rows = re.findall(r"^\| ([\w-]+) \| \[([^]]+)\]\((\S+)\)", PAGE.read_text(), re.MULTILINE)
    assert rows == [
        (
            application.name,
            application.repository,
            f"https://github.com/{application.repository}/blob/{application.commit}/{application.dockerfile}",
        )
        for application in APPLICATIONS
    ]
