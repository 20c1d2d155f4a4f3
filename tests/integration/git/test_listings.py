"""The files of a second commit, which are listed by what differs from the first."""

from pathlib import Path

from bot.adapters.git.repository import GitRepository
from tests.support.repository import Repository


def test_a_second_commit_is_listed_as_if_it_were_the_first(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    old = repository.commit({"a": "1", "b/c": "2", "b/d": "3", "e\nf": "4", "é": "5", "g": "6"})
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b/d").chmod(0o755)
    repository.git("mv", "b/c", "moved")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{old},module")
    repository.write({"g": None, "new/x": "7", "é": "8"})
    (tmp_path / "module").mkdir()
    repository.git("add", "--all", "--", ":!module")
    repository.git("commit", "--quiet", "-m", "change")
    new = repository.git("rev-parse", "HEAD")
    listings = []
    for order in ((old, new), (new, old)):
        with GitRepository(tmp_path, {}) as git:
            listed = {sha: git.list_files(sha) for sha in order}
            listings.append((listed[old], listed[new]))
            assert listed[old].list_changes(listed[new]) == sorted(
                ["a", "b/c", "b/d", "g", "module", "moved", "new/x", "é"]
            )
    assert listings[0] == listings[1]
    assert listings[0][1]["module"] == f"160000 {old}"
