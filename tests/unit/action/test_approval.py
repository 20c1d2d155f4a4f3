"""An approval from the label to the check, over several jobs of one pull request."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn, Status, match_requests
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, pull_request
from tests.unit.action.conftest import BOT, DOCKERFILE

LABEL = "image-size-approved"
START = datetime(2026, 1, 2, 12, tzinfo=UTC)


class PullRequestOverTime:
    """A pull request with pushes and labels, and a job on each of them; a minute lies between."""

    def __init__(self, folder: Path, tools: ArchiveTools) -> None:
        self.time = START
        self.github = GitHubStandIn(clock=lambda: self.time)
        self.tools = tools
        before = {"Dockerfile": DOCKERFILE, "app": "x" * 1_000}
        self._pull = pull_request(folder / "origin", before, {"app": "x" * 9_000})
        self.head = self._pull.head
        self.base_ref = "main"
        self._folder = folder

    def open(self) -> None:
        self.github.add_repository(REPO, collaborators={"alice": "write", "tara": "triage"})
        self.github.open_pull_request(REPO, 7, self.head, self._pull.base, "mallory")
        token = self.github.token(BOT, issues="write", pull_requests="write")
        payload = self._payload("opened")
        folder = self._folder / "job"
        self.job = Job(folder, "pull_request", payload, self._pull.merge, self.github, token)
        self.job.inputs["max-growth"] = "5kB"
        self.job.check_out(self._pull.origin, "refs/pull/7/merge")

    def push(self, app: str, *, run: bool = True, force: bool = False) -> FinishedJob | None:
        """Push another version of the file that the image holds."""
        self._wait()
        origin, previous = self._pull.origin, self.head
        origin.git("checkout", "--quiet", "topic")
        self.head = origin.commit({"app": app})
        self._merge(origin)
        self.github.push(REPO, 7, self.head, force=force)
        self.job.payload = self._payload("synchronize", before=previous, after=self.head)
        return self.run() if run else None

    def label(self, by: str = "alice", *, run: bool = True) -> FinishedJob | None:
        """Set the label that approves."""
        self._wait()
        self.github.label(REPO, 7, LABEL, by=by)
        self.job.payload = self._payload("labeled", label={"name": LABEL})
        return self.run() if run else None

    def unlabel(self) -> FinishedJob:
        """Remove the label that approves."""
        self._wait()
        self.github.unlabel(REPO, 7, LABEL, by="alice")
        self.job.payload = self._payload("unlabeled", label={"name": LABEL})
        return self.run()

    def run(self) -> FinishedJob:
        """Run the job of the last event."""
        self._wait()
        self.job.check_out_again("refs/pull/7/merge")
        self.tools.builder.labels.clear()
        return self.job.run_here(self.tools.open)

    def publish(self, build: FinishedJob, started: datetime | None = None) -> FinishedJob:
        """Run the trusted half on the report of a job, as `workflow_run` does."""
        payload = {
            "action": "completed",
            "workflow_run": {
                "event": "pull_request",
                "head_sha": self.head,
                "head_branch": "topic",
                "head_repository": {"full_name": REPO},
                "created_at": f"{started or self.time:%Y-%m-%dT%H:%M:%SZ}",
            },
            "repository": {"full_name": REPO, "default_branch": "main"},
        }
        self._wait()
        token = self.github.token(BOT, issues="write", pull_requests="write")
        folder = self._folder / f"publish-{self.time:%H%M}"
        job = Job(folder, "workflow_run", payload, self._pull.base, self.github, token)
        job.check_out(self._pull.origin, "main")
        job.inputs |= {"report": "report.json", "max-growth": "5kB"}
        report = (self.job.workspace / build.outputs["report"]).read_bytes()
        (job.workspace / "report.json").write_bytes(report)
        return job.run_here(self.tools.open)

    @property
    def comment(self) -> str:
        (comment,) = self.github.comments(REPO, 7)
        return comment.body.replace("\N{NO-BREAK SPACE}", " ")

    def _merge(self, origin: Repository) -> None:
        origin.git("checkout", "--quiet", "--detach", self._pull.base)
        origin.git("merge", "--quiet", "--no-ff", "-m", "merge", "topic")
        origin.git("update-ref", "refs/pull/7/merge", "HEAD")

    def _payload(self, action: str, **fields: Any) -> dict[str, Any]:
        payload = self._pull.payload
        payload["pull_request"]["head"]["sha"] = self.head
        payload["pull_request"]["base"]["ref"] = self.base_ref
        payload["pull_request"]["updated_at"] = f"{self.time:%Y-%m-%dT%H:%M:%SZ}"
        return {**payload, "action": action, **fields}

    def _wait(self) -> None:
        self.time += timedelta(minutes=1)


@pytest.fixture
def pull(tmp_path: Path, tools: ArchiveTools) -> Iterator[PullRequestOverTime]:
    world = PullRequestOverTime(tmp_path, tools)
    with world.github:
        world.open()
        yield world
        assert world.github.violations == []


def outcome(done: FinishedJob | None) -> tuple[int, str]:
    assert done
    return done.status, done.outputs["verdict"]


def test_the_label_approves_without_any_configuration(pull: PullRequestOverTime) -> None:
    assert outcome(pull.run()) == (1, "fail")
    done = pull.label()
    assert outcome(done) == (0, "warn")
    assert "approved by alice for +8.00 kB" in pull.comment.splitlines()[1]


def test_a_label_builds_nothing(pull: PullRequestOverTime) -> None:
    pull.run()
    assert pull.tools.builder.labels == ["app (base)", "app (head)"]
    done = pull.label()
    assert done
    assert pull.tools.builder.labels == []
    assert "the report of this commit is judged again" in done.log
    assert (done.outputs["base-size"], done.outputs["head-size"]) == ("1000", "9000")
    assert (pull.job.workspace / done.outputs["report"]).exists()
    assert outcome(pull.unlabel()) == (1, "fail")
    assert pull.tools.builder.labels == []
    assert "Over budget" in pull.comment.splitlines()[1]


def test_more_growth_needs_a_new_approval(pull: PullRequestOverTime) -> None:
    pull.run()
    pull.label()
    assert outcome(pull.push("x" * 14_000)) == (1, "fail")
    assert "alice approved +8.00 kB" in pull.comment
    assert "remove the label" in pull.comment
    pull.unlabel()
    assert outcome(pull.label()) == (0, "warn")
    assert "approved by alice for +13.0 kB" in pull.comment


def test_commits_that_add_next_to_nothing_stay_approved(pull: PullRequestOverTime) -> None:
    pull.run()
    pull.label()
    assert outcome(pull.push("y" * 9_000)) == (0, "warn")
    assert outcome(pull.push("y" * 11_000)) == (0, "warn")  # ignore-below is 2 kB
    assert outcome(pull.push("y" * 11_001)) == (1, "fail")  # and does not add up


def test_a_label_without_a_job_of_its_own_approves_what_the_comment_showed(
    pull: PullRequestOverTime,
) -> None:
    """The workflow does not list `labeled`."""
    pull.run()
    pull.label(run=False)
    assert outcome(pull.push("y" * 9_000)) == (0, "warn")
    assert outcome(pull.push("y" * 14_000)) == (1, "fail")


def test_the_job_may_be_run_again_after_the_label(pull: PullRequestOverTime) -> None:
    payload = pull.job.payload
    pull.run()
    pull.label(run=False)
    pull.job.payload = payload
    assert outcome(pull.run()) == (0, "warn")


def test_a_label_from_before_the_first_report_approves_its_commit(
    pull: PullRequestOverTime,
) -> None:
    pull.label(run=False)
    assert outcome(pull.push("x" * 14_000)) == (1, "fail")
    assert "may be for another commit" in pull.comment
    pull.unlabel()
    assert outcome(pull.label()) == (0, "warn")


@pytest.mark.parametrize("mode", ["never", "no rights"])
def test_without_a_comment_the_label_approves_the_commit_that_has_it(
    pull: PullRequestOverTime, mode: str
) -> None:
    if mode == "never":
        pull.job.inputs["comment"] = "never"
    else:
        pull.job.token = pull.github.token(BOT, pull_requests="read")
    pull.run()
    assert outcome(pull.label()) == (0, "warn")
    assert pull.tools.builder.labels  # there is no stored report
    assert outcome(pull.push("y" * 9_000)) == (1, "fail")


def test_a_forced_push_back_to_a_larger_commit_is_not_approved(pull: PullRequestOverTime) -> None:
    pull.job.inputs["comment"] = "never"
    large, merge = pull.head, pull._pull.origin.git("rev-parse", "refs/pull/7/merge")
    pull.push("x" * 2_000)
    pull.label(run=False)
    pull._wait()
    pull.head = large
    pull.github.push(REPO, 7, large, force=True)
    pull._pull.origin.git("update-ref", "refs/pull/7/merge", merge)
    for action in ("synchronize", "reopened"):
        pull.job.payload = pull._payload(action)
        assert outcome(pull.run()) == (1, "fail")


def test_only_our_own_comment_is_believed(pull: PullRequestOverTime) -> None:
    """A comment that somebody else wrote or edited stores no report and no approval."""
    pull.run()
    pull.label()
    (comment,) = pull.github.comments(REPO, 7)
    forged = comment.body
    pull.github.delete_comment(comment.id)
    pull.github.comment(REPO, 7, "echo[bot]", forged)
    assert outcome(pull.push("y" * 9_000)) == (1, "fail")


def test_a_comment_that_somebody_edited_is_not_believed(pull: PullRequestOverTime) -> None:
    pull.run()
    (comment,) = pull.github.comments(REPO, 7)
    pull.github.edit_comment(comment.id, comment.body, by="mallory")
    assert outcome(pull.label()) == (0, "warn")
    assert pull.tools.builder.labels == ["app (base)", "app (head)"]


@pytest.mark.parametrize("change", ["inputs", "base branch"])
def test_what_another_step_remembers_approves_nothing(
    pull: PullRequestOverTime, change: str
) -> None:
    """A step with another limit, or the same one when the pull request had another base branch."""
    pull.run()
    assert outcome(pull.label()) == (0, "warn")
    if change == "inputs":
        pull.job.inputs["max-growth"] = "6kB"
    else:
        pull._pull.origin.git("branch", "release", pull._pull.base)
        pull.base_ref = "release"
    assert outcome(pull.push("y" * 9_000)) == (1, "fail")
    assert "may be for another commit" in pull.comment
    pull.unlabel()
    assert outcome(pull.label()) == (0, "warn")


def test_a_report_of_another_commit_is_not_judged_again(pull: PullRequestOverTime) -> None:
    pull.run()
    pull.push("x" * 14_000, run=False)
    assert outcome(pull.label()) == (0, "warn")
    assert pull.tools.builder.labels == ["app (base)", "app (head)"]


def test_an_image_that_did_not_build_is_built_again(pull: PullRequestOverTime) -> None:
    pull._pull.origin.git("checkout", "--quiet", "topic")
    pull._pull.origin.commit({"Dockerfile": "FROM scratch\nRUN false\n"})
    assert outcome(pull.push("x")) == (2, "error")
    assert outcome(pull.label()) == (2, "error")
    assert pull.tools.builder.labels == ["app (base)", "app (head)"]


@pytest.mark.parametrize("fault", [Status(502), Status(403), Status(200, {"errors": []})])
def test_an_author_that_cannot_be_asked_for_is_not_ours(
    pull: PullRequestOverTime, fault: Status
) -> None:
    pull.run()
    pull.github.inject_fault(match_requests("POST", "/graphql"), fault=fault, times=99)
    done = pull.label()
    assert outcome(done) == (0, "warn")
    assert done
    assert "::notice::" in done.log
    assert pull.tools.builder.labels == ["app (base)", "app (head)"]


def test_a_label_of_somebody_who_may_not_write_approves_nothing(pull: PullRequestOverTime) -> None:
    pull.run()
    assert outcome(pull.label(by="tara")) == (1, "fail")
    assert "no write access" in pull.comment


def test_the_two_workflows_for_forks_share_what_the_comment_remembers(
    pull: PullRequestOverTime,
) -> None:
    """The half that builds can only read; the one that publishes writes the comment."""
    pull.job.inputs["comment"] = "never"
    pull.job.token = pull.github.token(BOT, pull_requests="read")
    opened = pull.run()
    assert outcome(opened) == (1, "fail")
    assert pull.publish(opened).outputs["verdict"] == "fail"
    labeled = pull.label()
    assert labeled
    assert (outcome(labeled), pull.tools.builder.labels) == ((0, "warn"), [])
    assert pull.publish(labeled).outputs["verdict"] == "warn"
    assert "approved by alice for +8.00 kB" in pull.comment
    pushed = pull.push("x" * 14_000)
    assert pushed
    assert outcome(pushed) == (1, "fail")
    assert pull.publish(pushed).outputs["verdict"] == "fail"
    assert "alice approved +8.00 kB" in pull.comment


@pytest.mark.parametrize(("labelled", "verdict"), [("before", "fail"), ("after", "warn")])
def test_a_published_report_goes_by_the_time_of_its_run(
    pull: PullRequestOverTime, labelled: str, verdict: str
) -> None:
    """The run has begun when its commit was pushed already; a label before may be for another."""
    pull.job.token = pull.github.token(BOT, pull_requests="read")
    if labelled == "before":
        pull.label(run=False)
    build = pull.run()
    started = pull.time
    if labelled == "after":
        pull.label(run=False)
    assert pull.publish(build, started).outputs["verdict"] == verdict
