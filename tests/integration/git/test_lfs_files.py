"""Git LFS files in written trees, without git-lfs."""

import gzip
import hashlib
from pathlib import Path

import pytest

from tests.integration.git.clones import OpenGit, programs_without_ssh
from tests.support.git_server import GitServer
from tests.support.lfs_clone import install_lfs, keep_object, make_pointer
from tests.support.repository import Repository

ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
CONTENT = b"content\r\n" * 1000


def commit_pointer(repository: Repository, content: bytes) -> str:
    return repository.commit({".gitattributes": ATTRIBUTES, "d/a.bin": make_pointer(content)})


def test_unresolved_git_lfs_pointers_are_named(open_git: OpenGit, origin: Repository) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 7\n"
    head = origin.commit(
        {".gitattributes": "*.bin filter=lfs\n", "a.bin": pointer, "b.bin": "real", "c": pointer}
    )
    blob = origin.git("rev-parse", "HEAD:a.bin")
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert worktree.lfs_pointers == {"a.bin": blob}
        assert (worktree.root / "a.bin").read_text() == pointer


def test_contents_are_those_of_the_clones_own_store(open_git: OpenGit, origin: Repository) -> None:
    head = commit_pointer(origin, CONTENT)
    stored = keep_object(origin, CONTENT)
    install_lfs(origin)
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert (worktree.root / "d/a.bin").read_bytes() == CONTENT
        assert (worktree.lfs_pointers, worktree.notes) == ({}, ())
        (worktree.root / "d/a.bin").write_bytes(b"")
    assert stored.read_bytes() == CONTENT


def test_a_kept_object_of_another_size_is_not_taken(open_git: OpenGit, origin: Repository) -> None:
    head = commit_pointer(origin, CONTENT)
    keep_object(origin, CONTENT).write_bytes(CONTENT[:-1])
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert list(worktree.lfs_pointers) == ["d/a.bin"]


@pytest.mark.parametrize("is_ssh", [False, True])
def test_missing_contents_are_fetched_from_the_server(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path, is_ssh: bool
) -> None:
    head = commit_pointer(origin, CONTENT)
    install_lfs(origin)
    url = "git@127.0.0.1:octo/app.git" if is_ssh else f"{server.url}/octo/app"
    origin.git("remote", "add", "origin", url)
    server.lfs_objects = {hashlib.sha256(CONTENT).hexdigest(): CONTENT}
    path = {"PATH": programs_without_ssh(tmp_path)} if is_ssh else {}
    git = open_git(origin.path, server.url, server.token, **path)
    for _ in range(2):
        with git.temporary_worktree(head) as worktree:
            assert (worktree.root / "d/a.bin").read_bytes() == CONTENT
            assert (worktree.lfs_pointers, worktree.notes) == ({}, ())
    assert server.batches == [[hashlib.sha256(CONTENT).hexdigest()]]
    assert not (origin.path / ".git/lfs").exists()


def test_nothing_is_fetched_where_the_checkout_has_pointers(
    open_git: OpenGit, origin: Repository, server: GitServer
) -> None:
    """As with `lfs: false`: the transfer of the objects may cost money."""
    head = commit_pointer(origin, CONTENT)
    origin.git("remote", "add", "origin", f"{server.url}/octo/app")
    with open_git(origin.path, server.url, server.token).temporary_worktree(head) as worktree:
        assert list(worktree.lfs_pointers) == ["d/a.bin"]
    assert server.requests == 0


@pytest.mark.parametrize(
    ("stored", "token", "reason"),
    [
        (None, "s3cret", "the server has no object"),
        (CONTENT[:-1], "s3cret", "has another digest"),
        (CONTENT[:-1] + b"x", "s3cret", "has another digest"),
        (CONTENT + b"x", "s3cret", "larger than its pointer says"),
        (CONTENT, "wrong", "the server answers 401"),
    ],
)
def test_contents_that_cannot_be_had_stay_pointers_with_the_reason(
    open_git: OpenGit,
    origin: Repository,
    server: GitServer,
    stored: bytes | None,
    token: str,
    reason: str,
) -> None:
    other = b"other"
    origin.commit({"e.bin": make_pointer(other)})
    head = commit_pointer(origin, CONTENT)
    install_lfs(origin)
    origin.git("remote", "add", "origin", f"{server.url}/octo/app")
    server.lfs_objects = {hashlib.sha256(other).hexdigest(): other}
    if stored is not None:
        server.lfs_objects[hashlib.sha256(CONTENT).hexdigest()] = stored
    with open_git(origin.path, server.url, token).temporary_worktree(head) as worktree:
        assert "d/a.bin" in worktree.lfs_pointers
        assert ("e.bin" in worktree.lfs_pointers) == (token == "wrong")
        assert reason in worktree.notes[0]
        assert (worktree.root / "d/a.bin").read_text() == make_pointer(CONTENT)


@pytest.mark.parametrize(
    ("content", "encoding", "reason"),
    [
        (b"<html>", "identity", "cannot be read"),
        (b"[]", "identity", "cannot be read"),
        (b'{"objects": [[1]]}', "identity", "cannot be read"),
        (b"[" * 100_000, "identity", "cannot be read"),
        (b"no gzip", "gzip", "cannot be read"),
        (b"x" * 4_000_001, "identity", "more than 4,000,000 bytes"),
        (gzip.compress(bytes(50_000_000)), "gzip", "more than 4,000,000 bytes"),
    ],
    ids=["page", "list", "items", "deep", "no gzip", "long", "bomb"],
)
def test_a_hostile_answer_is_a_reason(
    open_git: OpenGit,
    origin: Repository,
    server: GitServer,
    content: bytes,
    encoding: str,
    reason: str,
) -> None:
    head = commit_pointer(origin, CONTENT)
    install_lfs(origin)
    origin.git("remote", "add", "origin", f"{server.url}/octo/app")
    server.lfs_answer = (content, {"Content-Encoding": encoding})
    with open_git(origin.path, server.url, server.token).temporary_worktree(head) as worktree:
        assert list(worktree.lfs_pointers) == ["d/a.bin"]
        assert reason in worktree.notes[0]


def test_without_a_server_contents_stay_pointers(open_git: OpenGit, origin: Repository) -> None:
    head = commit_pointer(origin, CONTENT)
    install_lfs(origin)
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert list(worktree.lfs_pointers) == ["d/a.bin"]
