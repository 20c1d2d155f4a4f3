"""Checkouts with some files of a commit, next to whole ones."""

from pathlib import Path

from tests.integration.git.clones import OpenGit
from tests.integration.git.test_lfs_files import ATTRIBUTES, CONTENT
from tests.integration.git.test_partial_clones import clone
from tests.integration.git.test_submodules import add
from tests.support.git_server import GitServer
from tests.support.lfs_clone import install_lfs, keep_object, make_pointer
from tests.support.repository import Repository

PATHS = {"app/a", "app/deep/b"}


def commit(repository: Repository, files: dict[str, str | None]) -> str:
    return repository.commit({"app/a": "a\n", "app/deep/b": "b\n", "other/c": "c\n", **files})


def read(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_no_other_file_is_written(open_git: OpenGit, origin: Repository) -> None:
    head = commit(origin, {})
    git = open_git(origin.path)
    with git.temporary_worktree(head, PATHS) as worktree:
        assert read(worktree.root) == {"app/a": b"a\n", "app/deep/b": b"b\n"}
    with git.temporary_worktree(head, ()) as worktree:
        assert list(worktree.root.iterdir()) == []
    with git.temporary_worktree(head, {*PATHS, "other/c"}) as worktree:
        assert read(worktree.root).keys() == {*PATHS, "other/c"}


def test_a_snapshot_of_the_working_tree_is_written_in_part(
    open_git: OpenGit, origin: Repository
) -> None:
    commit(origin, {})
    origin.write({"app/a": "changed"})
    git = open_git(origin.path)
    with git.temporary_worktree(git.snapshot_working_tree().sha, {"app/a"}) as worktree:
        assert read(worktree.root) == {"app/a": b"changed"}


def test_files_are_converted_as_in_a_whole_checkout(open_git: OpenGit, origin: Repository) -> None:
    """By attributes of the folders above, and by macros, which only the top has."""
    files = {
        ".gitattributes": "[attr]dos eol=crlf\n*.id ident\n",
        "app/.gitattributes": "a dos\n",
        "app/deep/.gitattributes": "b working-tree-encoding=UTF-16LE-BOM\n",
        "app/x.id": "$Id$\n",
        "other/.gitattributes": "* eol=crlf\n",
    }
    origin.commit({"app/deep/.gitattributes": files["app/deep/.gitattributes"]})
    (origin.path / "app/deep/b").write_bytes("b\n".encode("utf-16"))
    head = origin.commit({"app/a": "a\n", "other/c": "c\n", **files})
    git = open_git(origin.path)
    paths = {*PATHS, "app/x.id"}
    with git.temporary_worktree(head, paths) as part, git.temporary_worktree(head) as whole:
        written, all_written = read(part.root), read(whole.root)
    assert written == {x: text for x, text in all_written.items() if x != "other/c"}
    assert written["app/a"] == b"a\r\n"
    assert written["app/deep/b"] == "b\n".encode("utf-16")
    assert written["app/x.id"].startswith(b"$Id: ")


def test_all_files_are_written_where_attributes_name_a_filter(
    open_git: OpenGit, origin: Repository
) -> None:
    """A report says how many files are pointers, and how many a filter would change."""
    pointers: dict[str, str | None] = {
        ".gitattributes": ATTRIBUTES,
        "app/x.bin": make_pointer(CONTENT),
        "other/y.bin": make_pointer(b"missing"),
    }
    head = commit(origin, pointers)
    keep_object(origin, CONTENT)
    install_lfs(origin)
    origin.git("config", "lfs.url", "http://127.0.0.1:1")
    git = open_git(origin.path)
    with git.temporary_worktree(head, {*PATHS, "app/x.bin"}) as part:
        assert read(part.root)["app/x.bin"] == CONTENT
        assert part.lfs_pointers.keys() == {"other/y.bin"}
        assert (part.root / "other/c").exists()
        notes = part.notes
    with git.temporary_worktree(head) as whole:
        assert whole.notes == notes
    head = origin.commit({".gitattributes": None, "other/.gitattributes": "c filter=upper\n"})
    origin.git("config", "filter.upper.smudge", "tr a-z A-Z")
    with open_git(origin.path).temporary_worktree(head, PATHS) as part:
        counted = f"The filter upper is not applied: 1 files of {head[:12]} are as git stores them."
        assert part.notes == (counted,)


def test_submodules_are_written_as_in_a_whole_checkout(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    part = Repository(tmp_path / "part")
    part.commit({"inside": "1"})
    commit(origin, {})
    add(origin, str(part.path), "app/part")
    head = add(origin, str(part.path), "elsewhere")
    with open_git(origin.path).temporary_worktree(head, PATHS) as worktree:
        inside = {"app/part/inside", "elsewhere/inside"}
        assert read(worktree.root).keys() == {*PATHS, ".gitmodules", *inside}
        assert worktree.submodules == {}
    fresh = tmp_path / "fresh"
    origin.git("clone", "--quiet", str(origin.path), str(fresh))
    with open_git(fresh).temporary_worktree(head, PATHS) as worktree:
        assert read(worktree.root).keys() == {*PATHS, ".gitmodules"}
        assert worktree.submodules.keys() == {"app/part", "elsewhere"}
        assert (worktree.root / "elsewhere").is_dir()


def test_names_that_are_too_long_are_named(open_git: OpenGit, origin: Repository) -> None:
    commit(origin, {})
    blob, name = origin.git("rev-parse", "HEAD:app/a"), "x" * 256
    for path in (f"app/{name}", f"other/{name}"):
        origin.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    origin.git("commit", "-m", "long")
    git = open_git(origin.path)
    head = git.resolve_head().sha
    with git.temporary_worktree(head, {*PATHS, f"app/{name}"}) as worktree:
        assert worktree.unwritable_files == (f"app/{name}",)
        assert read(worktree.root).keys() == PATHS


def test_a_partial_clone_fetches_nothing_else(
    open_git: OpenGit, origin: Repository, server: GitServer, tmp_path: Path
) -> None:
    old = commit(origin, {})
    commit(origin, {"app/a": "2", "other/c": "2"})
    for options in ("--filter=blob:none --depth=2", "--filter=tree:0 --depth=2"):
        repository = clone(server, origin, tmp_path / options.partition(":")[0], options)
        git = open_git(repository.path, server.url, server.token)
        with git.temporary_worktree(old, PATHS) as worktree:
            assert read(worktree.root) == {"app/a": b"a\n", "app/deep/b": b"b\n"}
