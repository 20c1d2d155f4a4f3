"""Fingerprints of images, of real git repositories: what makes a difference, and what does not."""

import os
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.line.fingerprints import Fingerprints
from bot.model.spec import BuildNeeds, ImageSpec, Preparation
from tests.support.repository import Repository

SPEC = ImageSpec("api", "Dockerfile", ".")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    repository.write({"Dockerfile": "FROM x\n", "a": "1"})
    return repository


def equals(repository: Repository, before: str, after: str, spec: ImageSpec = SPEC) -> bool:
    with GitRepository(repository.path, os.environ) as git:
        fingerprints = [Fingerprints(git, sha, git.list_files(sha)) for sha in (before, after)]
        return fingerprints[0].compute(spec) == fingerprints[1].compute(spec)


def differs(repository: Repository, changes: dict[str, str | None], spec: ImageSpec = SPEC) -> bool:
    """Return True if a commit of the files as they are and one with changes are built anew."""
    before = repository.commit({})
    after = repository.commit(changes)
    return not equals(repository, before, after, spec)


def link(repository: Repository, name: str, target: str) -> None:
    (repository.path / name).parent.mkdir(exist_ok=True)
    (repository.path / name).symlink_to(target)


def test_what_is_ignored_makes_no_difference(repository: Repository) -> None:
    repository.write({".dockerignore": "*.log\n"})
    assert not differs(repository, {"a.log": "1"})
    assert differs(repository, {"a.txt": "1"})


def test_patterns_that_leave_out_the_same_make_no_difference(repository: Repository) -> None:
    repository.write({".dockerignore": "*.log\n.dockerignore\n"})
    assert not differs(repository, {".dockerignore": "*.log\n*.tmp\n.dockerignore\n"})


@pytest.mark.parametrize("text", ["[\n*", "*\nb*[\n", "*\n" + "x" * 65_536, "*\na\tb\n"])
def test_an_ignore_file_that_ends_the_build_is_like_no_other(
    repository: Repository, text: str
) -> None:
    repository.write({".dockerignore": text})
    assert differs(repository, {"a": "2"})
    assert differs(repository, {"ignored": "by *"})


def test_a_link_is_read_where_it_leads(repository: Repository) -> None:
    repository.write({"config/ignore": "*.log\n", "**": ""})
    link(repository, ".dockerignore", "config/ignore")
    assert not differs(repository, {"a.log": "1"})
    assert differs(repository, {"config/ignore": "*.tmp\n"})
    assert differs(repository, {"a.log": "2"})


@pytest.mark.parametrize("target", ["**", "none", "/proc/self/mem", "../../x", "config", "*.log"])
def test_with_a_link_that_leads_elsewhere_everything_counts(
    repository: Repository, target: str
) -> None:
    repository.write({"config/x": "", "**": ""})
    link(repository, ".dockerignore", target)
    assert differs(repository, {"a.log": "1"})


def test_the_ignore_file_of_the_dockerfile_wins(repository: Repository) -> None:
    repository.write({".dockerignore": "*.log\n", "Dockerfile.dockerignore": "*.tmp\n"})
    assert differs(repository, {"a.log": "1"})
    assert not differs(repository, {"a.tmp": "1"})


def test_a_link_of_the_dockerfile_does_not_leave_its_folder(repository: Repository) -> None:
    spec = ImageSpec("api", "api/Dockerfile", ".")
    repository.write({"api/Dockerfile": "FROM x\n", ".dockerignore": "*.log\n"})
    link(repository, "api/Dockerfile.dockerignore", "../.dockerignore")
    assert differs(repository, {"a.log": "1"}, spec)


@pytest.mark.parametrize(
    ("attributes", "counts"),
    [
        ("*.dockerignore working-tree-encoding=UTF-16LE", True),
        (".dockerignore filter=lfs", True),
        ("* ident", True),
        ("* text eol=crlf", False),
        ("*.png filter=lfs", False),
        (".dockerignore -filter", False),
    ],
)
def test_an_ignore_file_that_is_checked_out_with_other_bytes_is_not_obeyed(
    repository: Repository, attributes: str, *, counts: bool
) -> None:
    repository.write({".dockerignore": "*.log\n", ".gitattributes": f"{attributes}\n"})
    assert differs(repository, {"a.log": "1"}) is counts


def test_the_attributes_are_those_of_the_commit(repository: Repository) -> None:
    plain = repository.commit({".dockerignore": "*.log\n"})
    with_log = repository.commit({"a.log": "1"})
    repository.write({".gitattributes": ".dockerignore ident\n"})
    assert equals(repository, plain, with_log)


def test_attributes_below_count_for_a_context_below(repository: Repository) -> None:
    spec = ImageSpec("api", "api/Dockerfile", "api")
    repository.write({"api/Dockerfile": "FROM x\n", "api/.dockerignore": "*.log\n"})
    assert not differs(repository, {"api/a.log": "1"}, spec)
    repository.write({"api/.gitattributes": "* ident\n"})
    assert differs(repository, {"api/a.log": "2"}, spec)


def test_a_huge_ignore_file_is_not_obeyed(repository: Repository) -> None:
    repository.write({".dockerignore": "*.log\n" + "# more\n" * 20_000})
    assert differs(repository, {"a.log": "1"})


def test_behind_a_link_the_whole_repository_counts(repository: Repository) -> None:
    repository.write({"api/x": "1", ".dockerignore": "*.log\n"})
    link(repository, "linked", "api")
    assert differs(repository, {"a.log": "1"}, ImageSpec("api", "Dockerfile", "linked"))
    link(repository, "Linked.Dockerfile", "Dockerfile")
    assert differs(repository, {"a.log": "2"}, ImageSpec("api", "Linked.Dockerfile", "."))


def test_with_a_frontend_that_nobody_knows_everything_counts(repository: Repository) -> None:
    """Docker's first one reads no ignore file of the Dockerfile's own, for example."""
    repository.write({"Dockerfile.dockerignore": "*.log\n"})
    assert not differs(repository, {"a.log": "1"})
    repository.write({"Dockerfile": "# syntax=docker/dockerfile:1.0\nFROM x\n"})
    assert differs(repository, {"a.log": "2"})


def test_a_named_context_makes_a_difference(repository: Repository) -> None:
    repository.write({"app/Dockerfile": "FROM x\n", "app/a": "1", "lib/a": "1", "other/a": "1"})
    contexts = {"lib": "lib", "base": "docker-image://debian"}
    spec = ImageSpec("api", "app/Dockerfile", "app", build_contexts=contexts)
    assert differs(repository, {"lib/a": "2"}, spec)
    assert differs(repository, {"lib/.dockerignore": "a\n"}, spec)
    assert not differs(repository, {"other/a": "2"}, spec)


def test_a_named_context_behind_a_link_is_the_whole_repository(repository: Repository) -> None:
    repository.write({"app/Dockerfile": "FROM x\n", "real/a": "1"})
    link(repository, "lib", "real")
    spec = ImageSpec("api", "app/Dockerfile", "app", build_contexts={"lib": "lib"})
    assert differs(repository, {"real/a": "2"}, spec)


def test_commands_before_the_build_read_the_whole_checkout(repository: Repository) -> None:
    repository.write({"app/Dockerfile": "FROM x\n", ".dockerignore": "*\n", "src/a": "1"})
    needs = BuildNeeds(preparation=Preparation("maven:3", ("mvn package",)))
    spec = ImageSpec("api", "app/Dockerfile", "app/target", needs=needs)
    assert differs(repository, {"src/a": "2"}, spec)
    assert not differs(repository, {}, spec)
