"""Commits that a shallow clone lacks."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import GitError
from bot.pull_request.event import ComparisonPair
from tests.integration.git.clones import OpenGit, shallow
from tests.support.repository import Repository


def test_the_first_parent_of_a_shallow_merge_is_fetched(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    origin.branch("topic")
    head = origin.commit({"b": "1"})
    origin.git("checkout", "--quiet", "main")
    base = origin.commit({"c": "1"})
    merge = origin.merge("topic")
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    checkout = git.resolve_head()
    assert (checkout.sha, checkout.parents) == (merge, (base, head))
    settled = git.resolve_pair(ComparisonPair(head=merge, base=base))
    assert settled[1] is not None
    assert set(git.list_files(settled[1].sha)) == {"a", "c"}


def test_a_shallow_clone_is_deepened_to_the_fork_point(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    fork = origin.commit({"a": "1"})
    origin.branch("topic")
    for number in range(60):
        head = origin.commit({"b": str(number)})
    origin.git("checkout", "--quiet", "main")
    for number in range(60):
        origin.commit({"c": str(number)})
    git = shallow(open_git, origin, tmp_path / "clone", "topic")
    settled = git.resolve_pair(ComparisonPair(head=head, merge_base_with="main"))
    assert settled[1] is not None
    assert settled[1].sha == fork


@pytest.mark.parametrize("branch", ["@scope/base", "+base", "re#lease", "base.1"])
def test_a_branch_may_have_any_name_that_git_allows(
    open_git: OpenGit, origin: Repository, tmp_path: Path, branch: str
) -> None:
    fork = origin.commit({"a": "1"})
    origin.git("update-ref", f"refs/heads/{branch}", fork)
    head = origin.commit({"a": "2"})
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    assert git.resolve_pair(ComparisonPair(head, merge_base_with=branch))[1] == git.fetch_ref(fork)


@pytest.mark.parametrize(
    "pair",
    [
        ComparisonPair("1" * 40, merge_base_with="main:refs/heads/evil"),
        ComparisonPair("HEAD", merge_base_with="main"),
        ComparisonPair("--upload-pack=touch ran"),
        ComparisonPair("1" * 39),
        ComparisonPair("1" * 40 + "\n"),
        ComparisonPair("HEAD", base="-u"),
    ],
)
def test_an_event_with_names_that_are_none_is_an_error(
    open_git: OpenGit, origin: Repository, pair: ComparisonPair
) -> None:
    head = origin.commit({"a": "1"})
    origin.git("remote", "add", "origin", str(origin.path))
    pair = replace(pair, head=head) if pair.head == "1" * 40 else pair
    with pytest.raises(GitError, match="is not a branch, tag or commit"):
        open_git(origin.path).resolve_pair(pair)
    assert origin.git("branch", "--format=%(refname:short)") == "main"


def test_unrelated_histories_are_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    origin.git("checkout", "--quiet", "--orphan", "island")
    head = origin.commit({"b": "1"})
    git = shallow(open_git, origin, tmp_path / "clone", "island")
    with pytest.raises(GitError, match="shares no history"):
        git.resolve_pair(ComparisonPair(head=head, merge_base_with="main"))


def test_a_missing_remote_is_an_error_with_gits_message(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    origin.commit({"a": "1"})
    head = origin.commit({"a": "2"})
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    shutil.rmtree(origin.path)
    with pytest.raises(GitError) as caught:
        git.resolve_pair(ComparisonPair(head=head, base="1" * 40))
    assert "does not appear to be a git repository" in caught.value.why


def test_a_base_commit_that_no_longer_exists_is_none(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    """After a forced push, `before` may be gone."""
    head = origin.commit({"a": "1"})
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    pair = ComparisonPair(head=head, base="1" * 40, base_may_be_missing=True)
    assert git.resolve_pair(pair) == (git.resolve_revision(head), None)


def test_a_branch_of_the_remote_is_found_and_an_unknown_one_is_an_error(
    open_git: OpenGit, origin: Repository, tmp_path: Path
) -> None:
    old = origin.commit({"a": "1"})
    origin.git("tag", "v1")
    origin.commit({"a": "2"})
    git = shallow(open_git, origin, tmp_path / "clone", "main")
    assert git.fetch_ref("v1").sha == old
    with pytest.raises(GitError, match="'nope' is not a branch, tag or commit"):
        git.fetch_ref("nope")
