"""Files read through one process of git, and what happens when that cannot read one."""

from pathlib import Path

import pytest

from bot.adapters.git.repository import GitRepository
from bot.errors import GitError
from tests.support.repository import Repository


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    sha = repository.commit({"empty": "", "short": "a\nb", "long": "x" * 2_000_000, "last": "z"})
    with GitRepository(tmp_path, {}) as git:
        read = [git.read_plain_file(sha, name, 100) for name in ("empty", "short", "long", "last")]
        assert git.read_plain_file(sha, "missing", 100) is None
    assert read == [b"", b"a\nb", None, b"z"]


def test_a_damaged_file_is_an_error_with_the_words_of_git(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    sha = repository.commit({"a": "1", "b": "2"})
    object_id = repository.git("rev-parse", f"{sha}:a")
    file = tmp_path / ".git/objects" / object_id[:2] / object_id[2:]
    file.unlink()
    with GitRepository(tmp_path, {}) as git:
        with pytest.raises(GitError):
            git.read_plain_file(sha, "a", 100)
        assert git.read_plain_file(sha, "b", 100) == b"2"
