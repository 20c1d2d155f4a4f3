"""A branch of records on a real remote: many writers, some of them killed, lose nothing."""

import random
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.git.record_branch import Addition, RecordBranch
from bot.adapters.git.repository import GitRepository
from bot.errors import GitError, InputError
from bot.records.record_paths import make_path
from bot.records.record_reader import MAX_RECORD_BYTES, read_record
from bot.records.record_writer import render_record
from tests.integration.git.clones import OpenGit, list_git_directory, shallow
from tests.support.git_server import GitServer
from tests.support.record_world import recorded
from tests.support.record_writers import record_of, start_writer
from tests.support.repository import Repository

FIRST_FILES = {"README.md", "records/VERSION"}


@dataclass(frozen=True)
class Remote:
    """A bare repository on the disk, and a clone of it with one commit."""

    bare: Path
    clone: Repository

    def git(self, *arguments: str) -> str:
        return self.clone.git("-C", str(self.bare), *arguments)

    def list_files(self, revision: str = "data") -> set[str]:
        return set(self.git("ls-tree", "-r", "--name-only", revision).split("\n"))


def make_remote(folder: Path) -> Remote:
    clone = Repository(folder / "clone")
    clone.commit({"Dockerfile": "FROM scratch"})
    clone.git("init", "--quiet", "--bare", str(folder / "bare.git"))
    clone.git("remote", "add", "origin", f"file://{folder / 'bare.git'}")
    clone.git("push", "--quiet", "origin", "main")
    return Remote(folder / "bare.git", clone)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return make_remote(tmp_path)


def open_branch(open_git: OpenGit, remote: Remote) -> RecordBranch:
    return open_git(remote.clone.path).open_record_branch("data")


def test_a_branch_that_is_not_there_has_no_records(open_git: OpenGit, remote: Remote) -> None:
    branch = open_branch(open_git, remote)
    assert branch.list_paths() == ()
    assert list(branch.read_files(["records/x"], 10)) == [None]


def test_records_are_read_as_they_were_written(open_git: OpenGit, remote: Remote) -> None:
    first, second = record_of(1), record_of(2)
    open_branch(open_git, remote).add_files(dict([first]), "Record 1")
    branch = open_branch(open_git, remote)
    branch.add_files(dict([second]), "Record 2")
    assert set(branch.list_paths()) == {*FIRST_FILES, first[0], second[0]}
    assert list(branch.read_files([second[0], first[0]], 10**6)) == [second[1], first[1]]
    assert list(branch.read_files([first[0]], 100)) == [None]
    assert remote.git("log", "--format=%s", "data").split("\n") == ["Record 2", "Record 1"]
    assert "docs/history.md" in remote.git("show", "data:README.md")


def test_the_branch_shares_nothing_with_the_others(open_git: OpenGit, remote: Remote) -> None:
    open_branch(open_git, remote).add_files(dict([record_of(1)]), "Record 1")
    assert remote.list_files() == {*FIRST_FILES, record_of(1)[0]}
    with pytest.raises(Exception, match="exit status 1"):
        remote.git("merge-base", "main", "data")


def test_the_users_clone_stays_as_it_is(open_git: OpenGit, remote: Remote) -> None:
    remote.clone.write({"Dockerfile": "FROM busybox", "new": "1"})
    before = list_git_directory(remote.clone.path)
    branch = open_branch(open_git, remote)
    branch.add_files(dict([record_of(1)]), "Record 1")
    assert branch.list_paths()
    assert list_git_directory(remote.clone.path) == before


def test_the_same_record_again_makes_no_commit(open_git: OpenGit, remote: Remote) -> None:
    for _ in range(2):
        open_branch(open_git, remote).add_files(dict([record_of(1)]), "Record 1")
    assert remote.git("rev-list", "--count", "data") == "1"


def test_a_shallow_clone_writes_and_reads(
    open_git: OpenGit, remote: Remote, tmp_path: Path
) -> None:
    open_branch(open_git, remote).add_files(dict([record_of(1)]), "Record 1")
    open_branch(open_git, remote).add_files(dict([record_of(2)]), "Record 2")
    origin = Repository(remote.bare.parent / "other")
    origin.path = remote.bare
    branch = shallow(open_git, origin, tmp_path / "shallow", "main").open_record_branch("data")
    branch.add_files(dict([record_of(3)]), "Record 3")
    assert remote.list_files() == {*FIRST_FILES, *(record_of(x)[0] for x in (1, 2, 3))}
    assert remote.git("rev-list", "--count", "data") == "3"


def test_the_jobs_token_may_write(
    open_git: OpenGit, remote: Remote, server: GitServer, tmp_path: Path
) -> None:
    url = server.publish(remote.clone, "app")
    bare = server.folder / "app.git"
    remote.clone.git("-C", str(bare), "config", "http.receivepack", "true")
    remote.clone.git("remote", "set-url", "origin", url)
    git = open_git(remote.clone.path, server.url, server.token)
    git.open_record_branch("data").add_files(dict([record_of(1)]), "Record 1")
    assert Remote(bare, remote.clone).list_files() == {*FIRST_FILES, record_of(1)[0]}


def test_a_refused_push_says_which_permission_is_missing(
    open_git: OpenGit, remote: Remote, server: GitServer
) -> None:
    remote.clone.git("remote", "set-url", "origin", server.publish(remote.clone, "app"))
    git = open_git(remote.clone.path, server.url, server.token)
    with pytest.raises(GitError) as caught:
        git.open_record_branch("data").add_files(dict([record_of(1)]), "Record 1")
    assert caught.value.what == "The branch 'data' could not be written."
    assert "contents: write" in caught.value.fix


def test_a_protected_branch_is_refused_at_once(open_git: OpenGit, remote: Remote) -> None:
    hook = remote.bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'error: GH013: Repository rule violations' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError) as caught:
        open_branch(open_git, remote).add_files(dict([record_of(1)]), "Record 1")
    assert "ruleset" in caught.value.fix


@pytest.mark.parametrize("name", ["", "-x", "a..b", "refs/heads/main", "a b", "main:x"])
def test_what_is_no_branch_is_refused(open_git: OpenGit, remote: Remote, name: str) -> None:
    with pytest.raises(InputError, match="is not the name of a branch"):
        open_git(remote.clone.path).open_record_branch(name)


def test_a_link_and_a_submodule_are_no_records(open_git: OpenGit, remote: Remote) -> None:
    path = record_of(1)[0]
    link = Path(remote.clone.path / path)
    link.parent.mkdir(parents=True)
    link.symlink_to("/etc/passwd")
    remote.clone.commit({}, "forged")
    remote.clone.git("push", "--quiet", "origin", "HEAD:refs/heads/data")
    assert list(open_branch(open_git, remote).read_files([path], 10**6)) == [None]


def test_two_that_create_the_branch_at_once_both_get_in(open_git: OpenGit, remote: Remote) -> None:
    first, second = open_branch(open_git, remote), open_branch(open_git, remote)
    additions = [
        branch.prepare(dict([record_of(number)]), "Record")
        for number, branch in enumerate((first, second))
    ]
    assert all(additions)
    assert [first.push(additions[0]), second.push(additions[1])] == [True, False]  # type: ignore[arg-type]
    second.add_files(dict([record_of(1)]), "Record")
    assert remote.list_files() == {*FIRST_FILES, record_of(0)[0], record_of(1)[0]}


def test_ten_writers_at_once_of_which_three_are_killed(remote: Remote) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    writers = [start_writer("branch", remote.clone.path, number) for number in range(10)]
    killed = chance.sample(range(10), 3)
    for number in killed:
        time.sleep(chance.uniform(0, 1.5))
        writers[number].kill()
    errors = [writer.communicate()[1].decode() for writer in writers]
    completed = {number for number, writer in enumerate(writers) if writer.returncode == 0}
    assert completed >= set(range(10)) - set(killed), f"seed {seed}: {errors}"
    wait_for_pushes(remote)
    files = remote.list_files()
    assert files >= {record_of(number)[0] for number in completed}, f"seed {seed}"
    assert remote.git("fsck", "--strict", "--no-dangling") == ""
    check_growth(remote)
    for path in files - FIRST_FILES:
        read_record(remote.git("show", f"data:{path}").encode())


def wait_for_pushes(remote: Remote) -> None:
    """Wait until the pushes of killed writers have ended, which go on without them."""
    lock = remote.bare / "refs/heads/data.lock"
    for _ in range(100):
        if not lock.exists():
            return
        time.sleep(0.1)


def check_growth(remote: Remote) -> None:
    """Check that each commit of the branch has all files of the one before."""
    commits = remote.git("rev-list", "--first-parent", "--reverse", "data").split("\n")
    older: set[str] = set()
    for commit in commits:
        newer = remote.list_files(commit)
        assert older < newer
        older = newer


@dataclass
class Writer:
    """A writer of one record, which takes one step at a time."""

    branch: RecordBranch
    number: int
    prepared: Addition | None = None
    has_written: bool = False

    def step(self) -> None:
        """Prepare an addition, or push the one that is prepared."""
        files = dict([record_of(self.number)])
        if self.has_written:
            return
        if self.prepared is None:
            self.prepared = self.branch.prepare(files, "Record")
            self.has_written = self.prepared is None
        else:
            self.has_written = self.branch.push(self.prepared)
            self.prepared = None


def open_writers(stack: ExitStack, remote: Remote) -> Iterator[Writer]:
    for number in range(4):
        git = stack.enter_context(GitRepository(remote.clone.path, {}))
        yield Writer(git.open_record_branch("data"), number)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=14), st.sets(st.integers(0, 3), max_size=2))
def test_no_interleaving_loses_a_record(schedule: list[int], killed: set[int]) -> None:
    """A killed writer stops after its steps of the schedule; the others go on to the end."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        remote = make_remote(Path(folder))
        writers = list(open_writers(stack, remote))
        for number in schedule:
            writers[number].step()
        for writer in writers:
            while writer.number not in killed and not writer.has_written:
                writer.step()
        written = {record_of(writer.number) for writer in writers if writer.has_written}
        git = stack.enter_context(GitRepository(remote.clone.path, {}))
        branch = git.open_record_branch("data")
        paths = branch.list_paths()
        contents = branch.read_files(paths, MAX_RECORD_BYTES)
        stored = dict(zip(paths, contents, strict=True))
        assert stored.items() >= written
        if written:
            check_growth(remote)


def test_a_branch_of_code_gets_no_record(open_git: OpenGit, remote: Remote) -> None:
    branch = open_git(remote.clone.path).open_record_branch("main")
    with pytest.raises(InputError, match="'main' is not a branch of records"):
        branch.add_files(dict([record_of(1)]), "Record 1")
    assert remote.list_files("main") == {"Dockerfile"}


def test_the_commands_of_the_page_remove_a_month(open_git: OpenGit, remote: Remote) -> None:
    text = (Path(__file__).parents[3] / "docs/history.md").read_text("utf-8")
    (commands,) = re.findall(r"```\n(git fetch origin image-sizes\n.*?)```", text, re.DOTALL)
    branch = open_git(remote.clone.path).open_record_branch("image-sizes")
    old = recorded(commit="a" * 40, date="2025-11-02T00:00:00Z")
    branch.add_files({make_path(old): render_record(old)}, "Record 1")
    branch.add_files(dict([record_of(1)]), "Record 2")
    remote.clone.git("-c", f"alias.run=!{' && '.join(commands.strip().splitlines())}", "run")
    assert remote.list_files("image-sizes") == {*FIRST_FILES, record_of(1)[0]}
    assert remote.git("rev-list", "--count", "image-sizes") == "1"
    open_git(remote.clone.path).open_record_branch("image-sizes").add_files(
        dict([record_of(2)]), "Record 3"
    )
    assert remote.list_files("image-sizes") == {*(*FIRST_FILES, record_of(1)[0], record_of(2)[0])}
