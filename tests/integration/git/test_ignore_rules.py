from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from tests.support.repository import Repository


@pytest.fixture(name="repository")
def make_repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("target/app.jar", ".gitignore, line 1: /target/"),
        ("target", ".gitignore, line 1: /target/"),
        ("a/target", ""),
        ("a/b/dist/x", "a/.gitignore, line 1: dist"),
        ("dist", ""),
        ("a/y.log", ".gitignore, line 2: *.log"),
        ("a/keep.log", ""),
        (":(top)target", ""),
        ("-z", ""),
        ("n\0ul", ""),
        ("q" * 300 + "/x.log", ".gitignore, line 2: *.log"),
    ],
)
def test_the_rule_of_the_commit_is_named(repository: Repository, path: str, rule: str) -> None:
    files: dict[str, str | None] = {
        ".gitignore": "/target/\n*.log\n",
        "a/.gitignore": "dist\n!keep.log\n",
    }
    sha = repository.commit(files)
    repository.commit({".gitignore": "-z\n", "a/.gitignore": None})
    with GitRepository(repository.path, {}) as git:
        assert git.find_ignore_rule(sha, path) == rule


def test_rules_outside_of_the_commit_have_no_say(repository: Repository) -> None:
    sha = repository.commit({"x": "1"})
    (repository.path / ".git/info").mkdir(exist_ok=True)
    (repository.path / ".git/info/exclude").write_text("secret\n")
    (repository.path / ".gitignore").write_text("secret\n")
    with GitRepository(repository.path, {}) as git:
        assert not git.find_ignore_rule(sha, "secret")
