"""The input `base-ref`: a name of a revision, which must not be the head itself."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, Job, pull_request


@pytest.fixture
def job(tmp_path: Path, github: GitHubStandIn) -> Any:
    before = {"Dockerfile": "FROM scratch\nCOPY app /\n", "app": "x"}
    pull = pull_request(tmp_path / "origin", before, {"app": "xx"})
    github.add_repository(REPO, collaborators={"alice": "write"})
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, "")
    job.check_out(pull.origin, "refs/pull/7/merge")
    return job


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["HEAD", "origin/main"])
def test_a_base_that_is_the_head_is_a_warning(job: Any, tools: ArchiveTools, name: str) -> None:
    if name != "HEAD":
        Repository(job.workspace).git("update-ref", "refs/remotes/origin/main", "HEAD")
    job.inputs |= {"base-ref": name, "comment": "never"}
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    older = "the base revision" if name == "HEAD" else name
    assert "this change are the same commit" in done.summary
    title = "::warning title=Nothing was compared::"
    assert f"{title}{older} and this change are the same commit" in done.log
    job.inputs["fail-on"] = "warn"
    assert job.run_here(tools.open).status == 1


@pytest.mark.parametrize(
    "name",
    [
        "main:refs/heads/evil",
        "+main",
        "-uorigin",
        "--upload-pack=touch ran;",
        "--help",
        "a..b",
        ":x",
        ":/x",
        "^main",
        "refs/heads/*",
        "main\ttopic",
        "main\nmain",
        "ma\x7fin",
        "main@{0}",
        "a" * 200_000,
        "nope",
        "refs/heads/nope",
        "1" * 40,
        "1" * 7,
    ],
)
def test_a_base_ref_that_is_no_name_of_a_commit_is_an_error(
    job: Any, tools: ArchiveTools, name: str
) -> None:
    job.inputs["base-ref"] = name
    before = files_of(job.workspace)
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (2, "error")
    assert "is not a branch, tag or commit" in done.log
    assert files_of(job.workspace) == before
    assert not (job.workspace / "ran").exists()


@pytest.mark.parametrize(
    "name", ["main", "refs/heads/main", "refs/tags/v1", "v1", "v2", "BASE", "SHORT", "origin/main"]
)
def test_a_base_ref_is_a_branch_a_tag_a_reference_or_a_commit(
    job: Any, tools: ArchiveTools, name: str
) -> None:
    origin = Repository(job.folder.parent / "origin")
    base = origin.git("rev-parse", "main")
    origin.git("tag", "v1", base)
    origin.git("tag", "--annotate", "--message", "x", "v2", base)
    if name in {"SHORT", "origin/main"}:
        Repository(job.workspace).git("fetch", "--quiet", "origin", "main:refs/remotes/origin/main")
    job.inputs["base-ref"] = {"BASE": base, "SHORT": base[:7]}.get(name, name)
    done = job.run_here(tools.open)
    assert done.status == 0, done.log
    assert f"--base {base}" in done.summary
    assert (done.outputs["base-size"], done.outputs["head-size"]) == ("1", "2")
