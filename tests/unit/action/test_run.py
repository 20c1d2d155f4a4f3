"""The action from an event to its exit status, outputs, summary and log."""

import json
from typing import Any

import pytest

from bot.line.pins import Pins
from bot.model.report import Outcome
from bot.report.document.report_document import from_document
from tests.events import load
from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, Job, PullRequest
from tests.support.runner_log import read_log


def test_a_pull_request_over_budget_fails(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    done = job.run_here(tools.open)
    assert done.status == 1, done.log
    (comment,) = github.comments(REPO, 7)
    assert "Over budget" in comment.body
    assert "Over budget" in done.summary
    assert "::error file=Dockerfile,line=2" in done.log
    assert (done.outputs["verdict"], done.outputs["delta"]) == ("fail", "8000")
    assert done.outputs["comment-url"].endswith(f"issuecomment-{comment.id}")
    report = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
    assert report["verdict"] == "fail"
    assert (job.workspace / done.outputs["markdown"]).read_text("utf-8").startswith("### ")


def test_the_saved_report_is_one_that_we_accept(job: Job, tools: ArchiveTools) -> None:
    """Of an image this small the compressed size is off by more than its own amount."""
    done = job.run_here(tools.open)
    document = json.loads((job.workspace / done.outputs["report"]).read_text("utf-8"))
    assert document["images"][0]["base"]["compressed_error"] > 1
    assert from_document(document).verdict is Outcome.FAIL


def test_both_sides_are_built_back_to_back_and_removed(job: Job, tools: ArchiveTools) -> None:
    job.run_here(tools.open)
    assert tools.builder.labels == ["app (base)", "app (head)"]
    assert len(tools.builder.removed) == 2


def test_a_pull_request_within_budget_passes(job: Job, tools: ArchiveTools) -> None:
    job.inputs["max-growth"] = "10kB"
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "pass")
    assert "::error" not in done.log


@pytest.mark.parametrize(("fail_on", "status"), [("fail", 1), ("warn", 1), ("never", 0)])
def test_the_exit_status_is_as_fail_on_says(
    job: Job, tools: ArchiveTools, fail_on: str, status: int
) -> None:
    job.inputs["fail-on"] = fail_on
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (status, "fail")
    assert ("::error" in done.log) is (status == 1)


@pytest.mark.parametrize(
    ("fail_on", "status", "level"),
    [("fail", 2, "error"), ("warn", 2, "error"), ("never", 0, "warning")],
)
def test_a_head_that_does_not_build_is_red_unless_nothing_is(
    job: Job, tools: ArchiveTools, fail_on: str, status: int, level: str
) -> None:
    job.inputs["fail-on"] = fail_on
    checkout = Repository(job.workspace)
    head = checkout.commit({"Dockerfile": "FROM scratch\nRUN false\n"})
    job.payload["pull_request"]["head"]["sha"] = head
    job.inputs["base-ref"] = "main"
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (status, "error")
    assert done.summary.startswith("### ❗ Could not be measured:")
    assert "does not build" in done.summary
    assert f"::{level} file=Dockerfile" in done.log


@pytest.mark.parametrize(("fail_on", "status"), [("fail", 2), ("warn", 2), ("never", 0)])
def test_a_review_that_cannot_start_is_red_unless_nothing_is(
    job: Job, tools: ArchiveTools, fail_on: str, status: int
) -> None:
    job.inputs |= {"fail-on": fail_on, "base-ref": "nowhere"}
    done = job.run_here(tools.open)
    assert (done.status, done.outputs) == (status, {"verdict": "error"})
    assert "could not complete" in done.summary
    assert ("::error::" in done.log, "::warning::" in done.log) == (status == 2, status == 0)


class _BrokenTools:
    """Tools whose builder is a defect, or the moment at which the job is cancelled."""

    def __init__(self, tools: ArchiveTools, problem: BaseException) -> None:
        self._problem = problem
        tools.builder.pin_images = self._fail  # type: ignore[method-assign]

    def _fail(self, names: object, platform: object) -> Pins:
        raise self._problem


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (ValueError("one\n::set-output name=verdict::pass"), "a bug in it"),
        (KeyboardInterrupt(), "was cancelled"),
    ],
)
def test_what_stops_the_program_is_said_everywhere(
    job: Job, tools: ArchiveTools, problem: BaseException, text: str
) -> None:
    _BrokenTools(tools, problem)
    done = job.run_here(tools.open)
    assert done.status == (3 if isinstance(problem, ValueError) else 130)
    assert done.outputs == {"verdict": "error"}
    assert text in done.summary
    (annotation,) = [line for line in done.log.splitlines() if line.startswith("::error::")]
    assert text in annotation
    assert "::set-output" not in {line.lstrip()[:12] for line in done.log.splitlines()}


@pytest.mark.parametrize(
    "taken", ["image-size-review", "image-size-review/step", "image-size-review/step/report.json"]
)
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_path_in_the_way_of_the_report_loses_nothing_else(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, taken: str, kind: str
) -> None:
    job.extra_variables = {"GITHUB_ACTION": "step"}
    path = job.workspace / taken
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/etc")
    is_harmless = kind == ("folder" if "json" not in taken else "file") or (
        "json" in taken and kind == "link"
    )
    done = job.run_here(tools.open)
    assert done.status == (1 if is_harmless else 2), done.log
    assert done.outputs["verdict"] == "fail"
    (comment,) = github.comments(REPO, 7)
    assert done.outputs["comment-url"].endswith(f"issuecomment-{comment.id}")
    assert "Over budget" in done.summary
    assert (f"'{taken}' in the workspace is" in done.log) is not is_harmless


def test_a_full_disk_is_no_defect_and_the_comment_is_posted(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    job.extra_variables = {"GITHUB_STEP_SUMMARY": "/dev/full"}
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (2, "fail")
    assert "'GITHUB_STEP_SUMMARY' cannot be written" in done.log
    assert len(github.comments(REPO, 7)) == 1


def test_a_problem_after_the_verdict_is_green_where_nothing_is_red(
    job: Job, tools: ArchiveTools, github: GitHubStandIn
) -> None:
    job.inputs["fail-on"] = "never"
    (job.workspace / "image-size-review").touch()
    done = job.run_here(tools.open)
    assert (done.status, done.outputs["verdict"]) == (0, "fail")
    assert "::warning::" in done.log
    assert "::error" not in done.log
    assert len(github.comments(REPO, 7)) == 1


def test_the_commit_status_is_green_where_nothing_is_red(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    """A status may be required as well, whatever the page says."""
    origin = pull.origin
    origin.git("checkout", "--quiet", "main")
    base = origin.commit({".github/image-size.yml": "commit-status: size"})
    origin.git("checkout", "--quiet", "--detach", base)
    origin.git("update-ref", "refs/pull/7/merge", origin.merge("topic"))
    job.check_out_again("refs/pull/7/merge")
    job.inputs["fail-on"] = "never"
    assert job.run_here(tools.open).status == 0
    assert [status.state for status in github.statuses_of(REPO, pull.head)] == ["success"]


def test_an_untrusted_name_cannot_start_a_workflow_command(job: Job, tools: ArchiveTools) -> None:
    """The log of builds and of the report is between `::stop-commands::` and its token."""
    done = job.run_here(tools.open)
    assert done.log.count("::stop-commands::") == 2  # while it builds, and prints the report
    assert read_log(done.log).names == {"error"}


def test_nothing_is_built_on_pull_request_target(job: Job, tools: ArchiveTools) -> None:
    job.event, job.payload = "pull_request_target", load("pull_request_target.opened")
    done = job.run_here(tools.open)
    assert done.status == 2
    assert "::error::Nothing is built on pull_request_target." in done.log
    assert "Nothing is built on" in done.summary
    assert done.outputs == {"verdict": "error"}
    assert tools.builder.labels == []


def test_a_closed_pull_request_is_nothing_to_do(job: Job, tools: ArchiveTools) -> None:
    job.payload = {**job.payload, "action": "closed"}
    done = job.run_here(tools.open)
    assert (done.status, done.outputs) == (0, {})
    assert "closed: nothing to do" in done.log


def test_wrong_inputs_are_an_error_with_an_annotation(job: Job, tools: ArchiveTools) -> None:
    job.inputs |= {"max-size": "heavy", "comment": "sometimes"}
    done = job.run_here(tools.open)
    assert done.status == 2
    assert "max-size" in done.summary
    assert "comment" in done.summary
    assert done.log.startswith("::error::")


def test_secret_build_arguments_are_masked_before_anything_is_built(
    job: Job, tools: ArchiveTools
) -> None:
    job.inputs["build-args"] = "API_TOKEN=hunter2hunter2"
    done = job.run_here(tools.open)
    mask = done.log.index("::add-mask::hunter2hunter2")
    assert mask < done.log.index("::stop-commands::")
    assert done.log.count("hunter2hunter2") == 1
    assert "hunter2hunter2" not in done.summary


@pytest.mark.parametrize("value", ["true", "false"])
def test_suggestions_are_verified_only_where_the_input_says_so(
    job: Job, tools: ArchiveTools, value: str
) -> None:
    job.inputs["verify-suggestions"] = value
    job.run_here(tools.open)
    assert tools.verify is (value == "true")


def dispatch(job: Job, sha: str) -> None:
    payload: dict[str, Any] = load("workflow_dispatch")
    job.event, job.payload, job.sha = "workflow_dispatch", payload, sha


def test_a_run_by_hand_on_the_branch_of_a_pull_request_reviews_it(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    dispatch(job, pull.head)
    job.check_out_again("topic")
    done = job.run_here(tools.open)
    assert done.outputs["verdict"] == "fail", done.log
    assert len(github.comments(REPO, 7)) == 1


def test_a_run_by_hand_on_another_branch_is_an_audit(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    dispatch(job, pull.base)
    job.check_out_again("main")
    done = job.run_here(tools.open)
    assert tools.builder.labels == ["app (head)"]
    assert done.status == 0, done.log
    assert github.comments(REPO, 7) == []
