"""A checkout in a folder of the workspace: the input `path`, and what is said without it."""

from pathlib import Path

import pytest

from bot.action.clone_folder import find_clone
from bot.errors import GitError
from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, Job, PullRequest, pull_request

CONFIG = "budget: {max-growth: 10kB}\n"


@pytest.fixture
def nested(job: Job, pull: PullRequest) -> Job:
    """Return the job of a workflow with `path: src/app`, whose workspace is no clone."""
    job.workspace.rename(job.folder / "unused")
    job.check_out(pull.origin, "refs/pull/7/merge", "src/app")
    return job


@pytest.mark.parametrize("path", ["src/app", "./src/app/"])
def test_a_checkout_in_a_folder_is_reviewed(
    nested: Job, tools: ArchiveTools, github: GitHubStandIn, path: str
) -> None:
    """Annotations are at paths of the repository, and the files of the report in the workspace."""
    nested.inputs["path"] = path
    done = nested.run_here(tools.open)
    assert done.status == 1, done.log
    assert "::error file=Dockerfile,line=2" in done.log
    assert done.outputs["report"].startswith("image-size-review/")
    assert (nested.workspace / done.outputs["report"]).is_file()
    assert len(github.comments(REPO, 7)) == 1
    assert Repository(nested.workspace / "src/app").git("status", "--porcelain") == ""


def test_the_configuration_is_that_of_the_repository(
    job: Job, tools: ArchiveTools, tmp_path: Path
) -> None:
    files: dict[str, str | None] = {"Dockerfile": "FROM scratch\nCOPY app /\n", "rules.yml": CONFIG}
    pull = pull_request(tmp_path / "other", {**files, "app": "1"}, {"app": "x" * 30_000})
    job.payload, job.sha = pull.payload, pull.merge
    job.inputs = {"path": "nested", "config": "rules.yml"}
    job.check_out(pull.origin, "refs/pull/7/merge", "nested")
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (1, "fail"), done.log


def test_without_the_input_the_error_says_what_to_set(nested: Job, tools: ArchiveTools) -> None:
    done = nested.run_here(tools.open)
    assert done.status == 2
    assert "path: src/app" in done.log
    assert "run actions/checkout" not in done.log


def test_a_published_report_needs_the_clone_that_is_there(nested: Job, tools: ArchiveTools) -> None:
    """Its limits are those of the clone's configuration: none would be a green that is not known."""
    (nested.workspace / "report.json").write_text("{}", "utf-8")
    nested.inputs |= {"mode": "publish", "report": "report.json", "path": "other"}
    done = nested.run_here(tools.open)
    assert done.status == 2


@pytest.mark.parametrize(
    ("clones", "path", "words"),
    [
        ([], None, ("run actions/checkout before",)),
        ([], "app", ("'app' of the workspace", "run actions/checkout before")),
        (["app"], None, ("'app'", "`path: app`")),
        (["app", "tools"], "docs", ("'docs'", "'app', 'tools'", "`path: app`")),
        (["a/b/c"], None, ("`path: a/b/c`",)),
        (["."], "services/api", ("'.'", "leave out the input")),
        ([".", "tools"], "docs", ("'.'", "leave out the input")),
    ],
)
def test_a_folder_that_is_no_clone_is_an_error_that_names_those_that_are(
    tmp_path: Path, clones: list[str], path: str | None, words: tuple[str, ...]
) -> None:
    for clone in clones:
        Repository(tmp_path / clone)
    with pytest.raises(GitError) as caught:
        find_clone(tmp_path, path)
    assert [word for word in words if word not in str(caught.value)] == []


def test_files_without_a_git_directory_are_said_to_be_a_download(tmp_path: Path) -> None:
    """actions/checkout takes GitHub's archive in a container that has no git."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    with pytest.raises(GitError, match="is not a git repository") as caught:
        find_clone(tmp_path, None)
    assert "install git in that container" in caught.value.fix


def test_a_link_out_of_the_workspace_is_no_clone(tmp_path: Path) -> None:
    Repository(tmp_path / "elsewhere")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "app").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GitError, match="'app' of the workspace is not a git repository"):
        find_clone(workspace, "app")
