"""Submodules in written trees."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.errors import GitError
from bot.line.missing_content import select_submodules
from bot.model.spec import BuildNeeds, ImageSpec, Preparation
from tests.integration.git.clones import OpenGit, list_git_directory
from tests.support.git_server import GitServer, open_git_server
from tests.support.repository import Repository

ALLOWED = ("-c", "protocol.file.allow=always")


def write(git: GitRepository, sha: str) -> dict[str, str]:
    with git.temporary_worktree(sha) as worktree:
        files = (path for path in worktree.root.rglob("*") if path.is_file())
        return {path.relative_to(worktree.root).as_posix(): path.read_text() for path in files}


def move(parent: Repository, path: str, sha: str) -> str:
    """Commit another commit of a submodule, which need not be anywhere."""
    parent.git("update-index", "--add", "--cacheinfo", f"160000,{sha},{path}")
    parent.git("commit", "--quiet", "-m", "move")
    return parent.git("rev-parse", "HEAD")


def add(parent: Repository, url: str, path: str, *settings: str) -> str:
    parent.git(*ALLOWED, *settings, "submodule", "--quiet", "add", url, path)
    return parent.commit({})


def test_checked_out_submodules_are_included(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    """From the clone's own modules: the commit may be on no server yet, and no remote is asked."""
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    origin.commit({"a": "1"})
    head = add(origin, str(part.path), "part")
    shutil.rmtree(part.path)
    git = open_git(origin.path)
    files = write(git, head)
    assert (files["a"], files["part/inside"]) == ("1", "1")
    assert set(files) == {"a", "part/inside", ".gitmodules"}
    missing = move(origin, "part", "1" * 40)
    with pytest.raises(GitError, match="commit 111111111111 of the submodule 'part'"):
        write(git, missing)


def clone_with_submodules(server: GitServer, url: str, to: Path, *options: str) -> Repository:
    """Check out as actions/checkout does with `submodules: true` and no credentials kept."""
    header = f"http.{server.url}/.extraheader={server.header}"
    subprocess.run(["git", "-c", header, "clone", "--quiet", "--depth=2", url, to], check=True)
    update = ["submodule", "--quiet", "update", "--init", *options]
    subprocess.run(["git", "-C", to, "-c", header, *update], check=True)
    return Repository(to)


@pytest.mark.parametrize("relative", [False, True])
def test_a_moved_submodule_is_fetched_from_its_address_in_the_revision(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, relative: bool
) -> None:
    part = Repository(tmp_path / "part")
    first = part.commit({"inside": "1"})
    part_url = server.publish(part, "part")
    origin.git("remote", "add", "origin", f"{server.url}/app.git")
    header = f"http.{server.url}/.extraheader={server.header}"
    address = "../part.git" if relative else part_url
    old = add(origin, address, "lib/part", "-c", header)
    second = part.commit({"inside": "2"})
    server.publish(part, "part")
    new = move(origin, "lib/part", second)
    url = server.publish(origin, "app")
    clone = clone_with_submodules(server, url, tmp_path / "clone", "--depth=1")
    assert first not in clone.git("-C", "lib/part", "rev-list", "--all")
    before = list_git_directory(clone.path)
    git = open_git(clone.path, server.url, server.token)
    assert write(git, old)["lib/part/inside"] == "1"
    assert write(git, new)["lib/part/inside"] == "2"
    assert (server.refused, list_git_directory(clone.path)) == ([], before)
    with pytest.raises(GitError, match="cannot be fetched") as caught:
        write(open_git(clone.path), old)
    assert "github-token" in caught.value.fix


def test_a_submodule_that_is_not_checked_out_is_an_empty_folder(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    for name in ("one", "other"):
        part = Repository(tmp_path / name)
        part.commit({"inside": name})
        head = add(origin, str(part.path), name)
    git = open_git(origin.path)
    assert {"one/inside", "other/inside"} <= set(write(git, head))
    origin.git("submodule", "--quiet", "deinit", "--force", "other")
    files = write(open_git(origin.path), head)
    assert ("one/inside" in files, "other/inside" in files) == (True, False)
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "--quiet", str(origin.path), "main")
    clone.git("checkout", "--quiet", "FETCH_HEAD")
    assert set(write(open_git(clone.path), head)) == {".gitmodules"}


def nest(tmp_path: Path, part: Repository) -> tuple[str, Path]:
    """Add a submodule with a file address to another; return the commit and the inner folder."""
    secret = Repository(tmp_path / "secret")
    secret.commit({"key": "of another repository"})
    return add(part, f"file://{secret.path}", "nested"), secret.path


def test_a_nested_submodule_with_a_file_address_is_refused_as_git_does(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    add(origin, str(part.path), "part")
    commit, _ = nest(tmp_path, part)
    origin.git("-C", "part", *ALLOWED, "fetch", "--quiet", "origin")
    head = move(origin, "part", commit)
    # The submodule's checkout is the old one: it has no nested one to go by.
    with pytest.raises(GitError, match="'nested' cannot be fetched") as caught:
        write(open_git(origin.path), head)
    assert "transport 'file' not allowed" in caught.value.why
    origin.git("-C", "part", "checkout", "--quiet", commit)
    files = write(open_git(origin.path), head)
    assert ("part/inside" in files, "part/nested/key" in files) == (True, False)


def test_a_nested_submodule_that_is_checked_out_is_included(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    _, folder = nest(tmp_path, part)
    head = add(origin, str(part.path), "part")
    origin.git(*ALLOWED, "submodule", "--quiet", "update", "--init", "--recursive")
    shutil.rmtree(folder)
    assert write(open_git(origin.path), head)["part/nested/key"] == "of another repository"


def test_the_token_is_sent_to_the_server_of_the_job_alone(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path
) -> None:
    part = Repository(tmp_path / "part")
    commit = part.commit({"inside": "1"})
    with open_git_server(tmp_path / "other") as other:
        url = other.publish(part, "part")
        origin.write({".gitmodules": f'[submodule "part"]\n\tpath = part\n\turl = {url}\n'})
        origin.git("add", ".gitmodules")
        head = move(origin, "part", commit)
        origin.git("remote", "add", "origin", server.publish(origin, "app"))
        # A clone without the commit: the user wants the submodule, and all of it is fetched.
        Repository(origin.path / "part")
        files = write(open_git(origin.path, server.url, server.token), head)
    assert files["part/inside"] == "1"
    assert other.authorizations == {""}


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("../../x", "https://example.com/x"),
        ("/x", "https://example.com/x"),
        ("x", "-uecho"),
        ("x", "--upload-pack=touch ran"),
        ("x", "https://example.com/\\nhost=x"),
    ],
)
def test_a_submodule_with_a_name_or_address_that_git_refuses_is_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path, name: str, url: str
) -> None:
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    add(origin, str(part.path), "part")
    modules = f'[submodule "{name}"]\n\tpath = bad\n\turl = "{url}"\n'
    origin.write({".gitmodules": modules})
    origin.git("add", ".gitmodules")
    head = move(origin, "bad", "1" * 40)
    with pytest.raises(GitError, match="name or address that git refuses"):
        write(open_git(origin.path), head)


def test_a_link_in_the_checkout_leads_to_no_other_clone(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    secret = other.commit({"key": "1"})
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    add(origin, str(part.path), "part")
    modules = (origin.path / ".gitmodules").read_text()
    entry = '[submodule "x"]\n\tpath = x\n\turl = https://127.0.0.1:9/x\n'
    origin.write({".gitmodules": f"{modules}{entry}"})
    origin.git("add", ".gitmodules")
    head = move(origin, "x", secret)
    origin.git("rm", "--quiet", "--cached", "x")
    shutil.rmtree(origin.path / "x", ignore_errors=True)
    (origin.path / "x").symlink_to(other.path)
    with pytest.raises(GitError, match="'x' cannot be fetched"):
        write(open_git(origin.path), head)


def add_two(origin: Repository, tmp_path: Path, **files: str) -> tuple[str, str]:
    """Commit the submodules app/sm and docs; return the commit of app/sm, and that of the parent."""
    part = Repository(tmp_path / "part")
    commit = part.commit({"inside": "1"})
    add(origin, str(part.path), "docs")
    origin.write({"Dockerfile": "FROM scratch\nCOPY . /app\n", "app/Dockerfile": "FROM scratch\n"})
    origin.write({name.replace("_", "."): text for name, text in files.items()})
    return commit, add(origin, str(part.path), "app/sm")


def clone_without_submodules(origin: Repository, to: Path) -> Repository:
    subprocess.run(["git", "clone", "--quiet", origin.path, to], check=True)
    return Repository(to)


def test_submodules_without_contents_are_listed_with_their_commits(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    commit, head = add_two(origin, tmp_path)
    clone = clone_without_submodules(origin, tmp_path / "clone")
    with open_git(clone.path).temporary_worktree(head) as worktree:
        assert worktree.submodules == {"app/sm": commit, "docs": commit}
        (note,) = worktree.notes
        assert note.startswith(f"Contents of submodules of {head[:12]} are unknown")
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert (worktree.submodules, worktree.notes) == ({}, ())


def test_a_nested_submodule_without_contents_is_listed_below_its_parent(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    nest(tmp_path, part)
    head = add(origin, str(part.path), "lib/part")
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert set(worktree.submodules) == {"lib/part/nested"}
        assert (worktree.root / "lib/part/inside").is_file()


@pytest.mark.parametrize(
    ("context", "ignored", "read"),
    [
        (".", "", {"app/sm", "docs"}),
        (".", "docs\n", {"app/sm"}),
        (".", "app/sm/*\n", {"app/sm", "docs"}),
        (".", "*\n!app\n", {"app/sm"}),
        (".", "app\ndocs\n[\n", {"app/sm", "docs"}),
        ("app", "docs\n", {"app/sm"}),
    ],
)
def test_submodules_that_a_build_can_read(
    open_git: OpenGit,
    origin: Repository,
    tmp_path: Path,
    context: str,
    ignored: str,
    read: set[str],
) -> None:
    commit, head = add_two(origin, tmp_path, _dockerignore=ignored)
    spec = ImageSpec("app", f"{'app/' if context == 'app' else ''}Dockerfile", context)
    missing = {"app/sm": commit, "docs": commit}
    assert set(select_submodules(open_git(origin.path), spec, head, missing)) == read


@pytest.mark.parametrize(
    ("folder", "commands", "read"),
    [
        ("docs", (), {"app/sm", "docs"}),
        ("lib", (), {"app/sm"}),
        (".", (), {"app/sm", "docs"}),
        ("lib", ("make",), {"app/sm", "docs"}),
    ],
)
def test_submodules_that_a_build_can_read_in_other_ways(
    open_git: OpenGit,
    origin: Repository,
    tmp_path: Path,
    folder: str,
    commands: tuple[str, ...],
    read: set[str],
) -> None:
    """A named context sends its submodules, and commands before the build read all of them."""
    commit, head = add_two(origin, tmp_path, _dockerignore="docs\n")
    spec = ImageSpec(
        *("app", "app/Dockerfile", "app"),
        build_contexts={"named": folder},
        needs=BuildNeeds(preparation=Preparation("busybox", commands) if commands else None),
    )
    missing = {"app/sm": commit, "docs": commit}
    assert set(select_submodules(open_git(origin.path), spec, head, missing)) == read
