"""The files of a revision, written into a folder."""

import os
import subprocess
from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.errors import GitError
from bot.pull_request.event import ComparisonPair
from tests.integration.git.clones import OpenGit, list_git_directory
from tests.support.repository import Repository


def test_a_temporary_worktree_is_removed(open_git: OpenGit, origin: Repository) -> None:
    old = origin.commit({"a": "old", "d/b": "x"})
    origin.commit({"a": "new"})
    origin.write({"a": "dirty"})
    git = open_git(origin.path)
    with git.temporary_worktree(old) as worktree:
        assert (worktree.root / "a").read_text() == "old"
        assert not (worktree.root / ".git").exists()  # or it would be copied into images
    assert not worktree.root.exists()
    assert (origin.path / "a").read_text() == "dirty"
    assert len(origin.git("worktree", "list").splitlines()) == 1


def test_hooks_of_the_repository_do_not_run(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    head = origin.commit({"a": "1"})
    hook = origin.path / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    with open_git(origin.path).temporary_worktree(head):
        pass
    assert not (tmp_path / "ran").exists()


def test_a_repository_of_another_user_is_readable(open_git: OpenGit, origin: Repository) -> None:
    """The container is root, the workspace is the runner's."""
    head = origin.commit({"a": "1"})
    for path in (origin.path, *origin.path.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    plain = subprocess.run(["git", "-C", origin.path, "log"], capture_output=True, check=False)
    assert b"dubious ownership" in plain.stderr
    git = open_git(origin.path)
    assert git.resolve_head().sha == head
    with git.temporary_worktree(head) as worktree:
        assert (worktree.root / "a").exists()


def write_tree(git: GitRepository, sha: str) -> dict[str, bytes]:
    """Return every file of a written tree; of a link, its target."""
    with git.temporary_worktree(sha) as worktree:
        return {
            path.relative_to(worktree.root).as_posix(): (
                os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            )
            for path in worktree.root.rglob("*")
            if path.is_symlink() or path.is_file()
        }


@pytest.mark.parametrize(
    "patterns",
    [["--cone", "app"], ["--cone", "--sparse-index", "app"], ["--no-cone", "/app/"]],
)
def test_a_sparse_checkout_has_all_files_of_the_revision(
    open_git: OpenGit, origin: Repository, patterns: list[str]
) -> None:
    old = origin.commit({"Dockerfile": "x", "app/a": "1", "lib/b": "1", "lib/c/d": "1"})
    new = origin.commit({"lib/b": "2"})
    origin.git("sparse-checkout", "set", *patterns)
    assert not (origin.path / "lib").exists()
    git = open_git(origin.path)
    files = {"Dockerfile": b"x", "app/a": b"1", "lib/b": b"1", "lib/c/d": b"1"}
    assert write_tree(git, old) == files
    assert write_tree(git, new) == {**files, "lib/b": b"2"}


def test_settings_of_the_clone_do_not_shape_the_files(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    """Nor do those of one worktree, of the user, and attributes that are not in the revision."""
    origin.write({"target": "x\n", "text": "1\n2\n"})
    (origin.path / "link").symlink_to("target")
    head = origin.commit({})
    origin.git("config", "extensions.worktreeConfig", "true")
    origin.git("config", "--worktree", "core.autocrlf", "true")
    origin.git("config", "core.symlinks", "false")
    origin.git("config", "filter.upper.smudge", "tr a-z A-Z")
    (origin.path / ".git/info/attributes").write_text("* filter=upper eol=crlf\n")
    (tmp_path / "gitconfig").write_text("[core]\n\teol = crlf\n\tattributesFile = ~/attributes\n")
    (tmp_path / "attributes").write_text("* text\n")
    git = open_git(origin.path, HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))
    (tmp_path / "gitconfig").rename(tmp_path / ".gitconfig")
    assert write_tree(git, head) == {"target": b"x\n", "text": b"1\n2\n", "link": b"target"}


def test_attributes_of_the_revision_shape_the_files_as_in_a_new_clone(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    attributes = (
        "crlf.txt eol=crlf\nutf16.txt working-tree-encoding=UTF-16LE-BOM\nid.txt ident\n"
        "hidden export-ignore\nstamped export-subst\nunknown filter=nobody\n"
    )
    origin.write(
        {
            ".gitattributes": attributes,
            "crlf.txt": "1\n2\n",
            "id.txt": "$Id$\n",
            "hidden": "h",
            "stamped": "$Format:%H$\n",
            "unknown": "u",
        }
    )
    (origin.path / "utf16.txt").write_bytes("ä\n".encode("utf-16"))
    head = origin.commit({})
    subprocess.run(["git", "clone", "--quiet", origin.path, tmp_path / "clone"], check=True)
    clone = {
        path.relative_to(tmp_path / "clone").as_posix(): path.read_bytes()
        for path in (tmp_path / "clone").iterdir()
        if path.is_file()
    }
    written = write_tree(open_git(origin.path), head)
    assert written == clone
    assert written["crlf.txt"] == b"1\r\n2\r\n"
    assert written["utf16.txt"] == "ä\n".encode("utf-16")
    assert (written["stamped"], written["hidden"]) == (b"$Format:%H$\n", b"h")


def test_encodings_are_written_beside_attributes_of_other_folders(
    open_git: OpenGit, origin: Repository
) -> None:
    """Git itself gets this wrong if it writes with several processes."""
    origin.commit({"app/deep/.gitattributes": "b working-tree-encoding=UTF-16LE-BOM\n"})
    (origin.path / "app/deep/b").write_bytes("b\n".encode("utf-16"))
    head = origin.commit(
        {
            ".gitattributes": "[attr]dos eol=crlf\n*.id ident\n",
            "app/.gitattributes": "a dos\n",
            "app/a": "a\n",
            "app/x.id": "$Id$\n",
            "other/.gitattributes": "* eol=crlf\n",
            "other/c": "c\n",
        }
    )
    files = write_tree(open_git(origin.path), head)
    assert files["app/deep/b"] == "b\n".encode("utf-16")
    assert files["app/a"] == b"a\r\n"


def test_a_filter_of_the_clone_is_not_run_but_named(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    head = origin.commit(
        {
            ".gitattributes": "[attr]secret filter=git-crypt\nsecret/** secret\n*.nb filter=strip\n",
            "secret/a": "a",
            "secret/b/c": "c",
            "x.nb": "x",
        }
    )
    program = tmp_path / "smudge"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    origin.git("config", "filter.git-crypt.smudge", str(program))
    origin.git("config", "filter.git-crypt.required", "true")
    origin.git("config", "filter.strip.smudge", "cat")
    git = open_git(origin.path)
    with git.temporary_worktree(head) as worktree:
        assert (worktree.root / "secret/b/c").read_text() == "c"
        assert worktree.notes == (
            f"The filter git-crypt is not applied: 2 files of {head[:12]} are as git stores them.",
        )
    assert not (tmp_path / "ran").exists()


def test_names_and_modes_of_files_are_those_of_the_revision(
    open_git: OpenGit, origin: Repository
) -> None:
    names = [b"sp ace", b"new\nline", b"-x", b"caf\xe9", b"HEAD", b":(glob)*"]
    for name in names:
        Path(os.fsdecode(os.fsencode(origin.path) + b"/" + name)).write_bytes(name)
    (origin.path / "run").write_text("#!/bin/sh\n")
    (origin.path / "run").chmod(0o755)
    head = origin.commit({})
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert {os.fsencode(path.name) for path in worktree.root.iterdir()} == {*names, b"run"}
        assert (worktree.root / "run").stat().st_mode & 0o111
        assert not (worktree.root / "HEAD").stat().st_mode & 0o111


def test_the_clone_stays_as_it_is(open_git: OpenGit, origin: Repository, tmp_path: Path) -> None:
    """No worktree is registered, no object written, and no reference moved."""
    origin.commit({"a": "1"})
    origin.commit({"a": "2"})
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", f"file://{origin.path}")
    clone.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", "main")
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    clone.write({"a": "3", "untracked": "x" * 100_000})
    before = list_git_directory(clone.path)
    with open_git(clone.path) as git:
        parent = git.resolve_head().parents[0]
        head, base = git.resolve_pair(ComparisonPair(git.resolve_head().sha, parent))
        assert base
        for commit in (head, base, git.fetch_ref("main"), git.snapshot_working_tree()):
            with git.temporary_worktree(commit.sha):
                pass
    assert list_git_directory(clone.path) == before


def test_a_damaged_repository_is_an_error_that_says_so(
    open_git: OpenGit, origin: Repository
) -> None:
    head = origin.commit({"a": "1", "b": "2"})
    blob = origin.git("rev-parse", "HEAD:a")
    git = open_git(origin.path)
    damaged = origin.path / ".git/objects" / blob[:2] / blob[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged")
    with pytest.raises(GitError, match="git read-tree failed") as caught:
        write_tree(git, head)
    assert "git fsck" in caught.value.fix
    damaged.unlink()
    with pytest.raises(GitError, match="git cat-file failed") as caught:
        git.read_file(head, "a")
    assert "git fsck" in caught.value.fix
    tree = origin.git("rev-parse", "HEAD^{tree}")
    (origin.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitError, match="git ls-tree failed") as caught:
        git.list_files(head)
    assert "git fsck" in caught.value.fix


def test_what_is_too_long_for_the_file_system_is_left_out_and_named(
    open_git: OpenGit, origin: Repository
) -> None:
    origin.commit({"a": "1", "d/b": "2", ".gitattributes": "*.crlf eol=crlf\n", "c.crlf": "x\n"})
    blob, name = origin.git("rev-parse", "HEAD:a"), "x" * 256
    entries = [f"100644,{blob},{path}" for path in (f"d/{name}", f"{name}/y", f"[{'z' * 254}")]
    for entry in entries:
        origin.git("update-index", "--add", "--cacheinfo", entry)
    origin.git("commit", "-m", "long")
    git = open_git(origin.path)
    head = git.resolve_head().sha
    with git.temporary_worktree(head) as worktree:
        unwritable = worktree.unwritable_files
    assert sorted(unwritable) == [f"d/{name}", f"{name}/y"]
    files = write_tree(git, head)
    assert files["c.crlf"] == b"x\r\n"
    assert files.keys() == {"a", "d/b", ".gitattributes", "c.crlf", f"[{'z' * 254}"}
    with git.temporary_worktree(f"{head}~1") as worktree:
        assert worktree.unwritable_files == ()
