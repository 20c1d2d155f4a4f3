"""Git LFS files in written trees."""

from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository


def test_unresolved_git_lfs_pointers_are_named(open_git: OpenGit, origin: Repository) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 7\n"
    head = origin.commit(
        {".gitattributes": "*.bin filter=lfs\n", "a.bin": pointer, "b.bin": "real", "c": pointer}
    )
    with open_git(origin.path).temporary_worktree(head) as worktree:
        assert list(worktree.lfs_pointers) == ["a.bin"]
