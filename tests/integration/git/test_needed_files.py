"""The files of a commit that builds need, and the folders that are written with them alone."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.dockerfiles import Dockerfiles
from bot.line.needed_files import list_needed_files
from bot.model.spec import BuildNeeds, ImageSpec, Preparation
from bot.project.image_chains import BaseLink, ChainedImage
from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository

FILES: Mapping[str, str | None] = {
    "README.md": "1",
    "setup.sh": "1",
    "app/Dockerfile": "FROM scratch\nCOPY . /\n",
    "app/.dockerignore": "ignored\n",
    "app/ignored": "1",
    "app/src/a": "1",
    "application/b": "1",
    "docker/app.Dockerfile": "FROM scratch\nCOPY --from=shared . /\n",
    "docker/app.Dockerfile.dockerignore": "x\n",
    "docker/lib/c": "1",
    "shared/d": "1",
}
APP = ["app/.dockerignore", "app/Dockerfile", "app/ignored", "app/src/a"]
DOCKER = ["docker/app.Dockerfile", "docker/app.Dockerfile.dockerignore"]


@pytest.fixture
def repository(origin: Repository) -> Repository:
    origin.write(dict(FILES))
    return origin


def link(repository: Repository, name: str, target: str) -> None:
    path = repository.path / name
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)


def find(open_git: OpenGit, repository: Repository, *specs: ImageSpec) -> Sequence[str] | None:
    """Return what builds need of a commit of the files as they are; it is what is written."""
    sha = repository.commit({})
    git = open_git(repository.path)
    images = [ChainedImage(spec) for spec in specs]
    needed = list_needed_files(git, Dockerfiles(git, DockerfileReader()), sha, images)
    with git.temporary_worktree(sha, needed) as worktree:
        files = [path for path in worktree.root.rglob("*") if path.is_symlink() or path.is_file()]
        names = {path.relative_to(worktree.root).as_posix() for path in files}
    assert names == set(git.list_files(sha) if needed is None else needed)
    return None if needed is None else sorted(needed)


def test_a_build_needs_its_context_with_what_is_ignored_there(
    open_git: OpenGit, repository: Repository
) -> None:
    assert find(open_git, repository, ImageSpec("app", "app/Dockerfile", "app")) == APP


def test_a_dockerfile_elsewhere_comes_with_the_files_beside_it(
    open_git: OpenGit, repository: Repository
) -> None:
    spec = ImageSpec("app", "docker/app.Dockerfile", "application")
    assert find(open_git, repository, spec) == ["application/b", *DOCKER]
    repository.write({"Dockerfile.app": "FROM scratch\n"})
    spec = ImageSpec("app", "Dockerfile.app", "application")
    beside = ["Dockerfile.app", "README.md", "application/b", "setup.sh"]
    assert find(open_git, repository, spec) == beside


def test_named_contexts_that_are_folders_are_needed(
    open_git: OpenGit, repository: Repository
) -> None:
    contexts = {"shared": "shared", "image": "docker-image://app", "url": "https://example.com/app"}
    spec = ImageSpec("app", "docker/app.Dockerfile", "application", build_contexts=contexts)
    assert find(open_git, repository, spec) == ["application/b", *DOCKER, "shared/d"]


def test_each_image_and_each_that_it_is_built_on_needs_its_own(
    open_git: OpenGit, repository: Repository
) -> None:
    app = ImageSpec("app", "app/Dockerfile", "app")
    base = ImageSpec("base", "docker/app.Dockerfile", "shared")
    both = [*APP, *DOCKER, "shared/d"]
    assert find(open_git, repository, app, base) == both
    git, sha = open_git(repository.path), repository.commit({})
    chain = ChainedImage(app, (BaseLink("base", ChainedImage(base)),))
    dockerfiles = Dockerfiles(git, DockerfileReader())
    assert list_needed_files(git, dockerfiles, sha, [None, chain]) == set(both)
    assert list_needed_files(git, dockerfiles, sha, [None]) == set()


@pytest.mark.parametrize(
    "spec",
    [
        ImageSpec("app", "app/Dockerfile", "."),
        ImageSpec("app", "app/Dockerfile", "app", build_contexts={"all": "."}),
        ImageSpec("app", "app/Dockerfile", "app", build_contexts={"all": "./"}),
        ImageSpec("app", "app/Dockerfile", "app", build_contexts={"odd": "app/../shared"}),
        ImageSpec("app", "app/Dockerfile", "app", build_contexts={"odd": "../shared"}),
        ImageSpec("app", "app/Dockerfile", "./app"),
        ImageSpec("app", "app/Dockerfile", "app", build_args={"BUILDKIT_SYNTAX": "other/frontend"}),
        ImageSpec("app", "missing/Dockerfile", "app"),
        ImageSpec(
            "app",
            "app/Dockerfile",
            "app",
            needs=BuildNeeds(preparation=Preparation("busybox", ("make",))),
        ),
    ],
)
def test_all_is_needed_where_a_build_may_read_anything(
    open_git: OpenGit, repository: Repository, spec: ImageSpec
) -> None:
    assert find(open_git, repository, spec) is None
    base = ChainedImage(
        ImageSpec("x", "app/Dockerfile", "app"), (BaseLink("b", ChainedImage(spec)),)
    )
    git, sha = open_git(repository.path), repository.commit({})
    assert list_needed_files(git, Dockerfiles(git, DockerfileReader()), sha, [base]) is None


def test_a_frontend_of_its_own_may_read_anything(open_git: OpenGit, repository: Repository) -> None:
    spec = ImageSpec("app", "app/Dockerfile", "app")
    repository.write({"app/Dockerfile": "# syntax=docker/dockerfile:1.7\nFROM scratch\n"})
    assert find(open_git, repository, spec) == APP
    repository.write({"app/Dockerfile": "# syntax=devthefuture/dockerfile-x\nINCLUDE ../x\n"})
    assert find(open_git, repository, spec) is None


@pytest.mark.parametrize("name", ["linked/Dockerfile", "linked/context"])
def test_all_is_needed_behind_a_link_to_what_is_built(
    open_git: OpenGit, repository: Repository, name: str
) -> None:
    link(repository, "linked", "app")
    link(repository, "app/context", "../shared")
    own = {"linked/Dockerfile": ("linked/Dockerfile", "app")}
    dockerfile, context = own.get(name, ("app/Dockerfile", name))
    assert find(open_git, repository, ImageSpec("app", dockerfile, context)) is None


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("src/a", []),
        ("../shared/d", ["shared/d"]),
        ("../application", ["application/b"]),
        ("/etc/passwd", []),
        ("gone", []),
    ],
)
def test_what_a_link_out_of_the_context_leads_to_is_needed(
    open_git: OpenGit, repository: Repository, target: str, reached: list[str]
) -> None:
    link(repository, "app/link", target)
    spec = ImageSpec("app", "app/Dockerfile", "app")
    assert find(open_git, repository, spec) == sorted([*APP, "app/link", *reached])


@pytest.mark.parametrize("target", ["..", "../..", "../other/d"])
def test_all_is_needed_for_a_link_that_may_lead_anywhere(
    open_git: OpenGit, repository: Repository, target: str
) -> None:
    link(repository, "other", "shared")
    link(repository, "app/link", target)
    assert find(open_git, repository, ImageSpec("app", "app/Dockerfile", "app")) is None


def test_an_ignore_file_that_is_a_link_comes_with_its_target(
    open_git: OpenGit, repository: Repository
) -> None:
    repository.write({"app/.dockerignore": None})
    link(repository, "app/.dockerignore", "../shared/d")
    spec = ImageSpec("app", "app/Dockerfile", "app")
    assert find(open_git, repository, spec) == [*APP, "shared/d"]


def list_names(folder: Path) -> set[bytes]:
    return {os.fsencode(path.name) for path in folder.iterdir()}


def test_names_of_any_bytes_are_written(open_git: OpenGit, repository: Repository) -> None:
    folder = os.fsencode(repository.path) + b"/app/"
    names = [b"sp ace", b"new\nline", b"tab\t", b"-x", b"caf\xe9", b'"quoted"', b"[a-z]*"]
    for name in names:
        Path(os.fsdecode(folder + name)).write_bytes(name)
    (repository.path / "app/run").write_text("#!/bin/sh\n")
    (repository.path / "app/run").chmod(0o755)
    sha = repository.commit({})
    git = open_git(repository.path)
    image = ChainedImage(ImageSpec("app", "app/Dockerfile", "app"))
    needed = list_needed_files(git, Dockerfiles(git, DockerfileReader()), sha, [image])
    with git.temporary_worktree(sha, needed) as worktree, git.temporary_worktree(sha) as whole:
        written, all_written = (list_names(x.root / "app") for x in (worktree, whole))
        assert written == all_written
        assert set(names) < written
        assert (worktree.root / "app/run").stat().st_mode & 0o111
        assert not (worktree.root / "README.md").exists()
