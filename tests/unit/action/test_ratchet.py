"""`max-size: auto` over the life of a repository: pushes that record, pull requests, an approval."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.records.record import Record
from bot.records.record_reader import read_record
from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, read_images
from tests.unit.action.conftest import BOT, DOCKERFILE

CONFIG = ".github/image-size.yml"
AUTO = "history: branch:sizes\nbudget: {max-size: auto}\n"


@dataclass
class Team:
    """A repository with main, pull request 7 on it, and a job that is used again for each event."""

    origin: Repository
    job: Job
    tools: ArchiveTools

    def push(self, **files: str) -> FinishedJob:
        """Commit to main, and run the job that records."""
        before = self.origin.git("rev-parse", "main")
        self.origin.git("checkout", "--quiet", "main")
        return self._run_push(before, self.origin.commit(dict(files)))

    def open(self, base: str = "main", **files: str) -> FinishedJob:
        """Push to the pull request, and review it."""
        self.origin.git("checkout", "--quiet", "-B", "topic", base)
        head = self.origin.commit(dict(files))
        self.job.github.push(REPO, 7, head)
        pull = {"number": 7, "head": {"sha": head, "ref": "topic"}, "base": {"ref": "main"}}
        pull |= {"updated_at": "2026-01-02T03:04:05Z", "user": {"login": "alice"}}
        repository = {"full_name": REPO, "default_branch": "main"}
        self.job.event = "pull_request"
        self.job.payload = {"action": "synchronize", "pull_request": pull, "repository": repository}
        return self.review()

    def review(self) -> FinishedJob:
        self.job.check_out_again("topic")
        return self.job.run_here(self.tools.open)

    def label(self, by: str = "alice") -> FinishedJob:
        self.job.github.label(REPO, 7, "image-size-approved", by=by)
        self.job.payload = {
            **self.job.payload,
            "action": "labeled",
            "label": {"name": "image-size-approved"},
        }
        return self.review()

    def merge(self) -> FinishedJob:
        """Merge the pull request, and run the job that records."""
        before = self.origin.git("rev-parse", "main")
        self.origin.git("checkout", "--quiet", "main")
        after = self.origin.merge("topic")
        self.job.github.close(REPO, 7, merge_commit=after)
        return self._run_push(before, after)

    def queue(self) -> FinishedJob:
        """Review the group of the merge queue that the pull request is in."""
        head, base = (self.origin.git("rev-parse", name) for name in ("topic", "main"))
        ref = f"refs/heads/gh-readonly-queue/main/pr-7-{base}"
        self.job.event = "merge_group"
        self.job.payload = {
            "action": "checks_requested",
            "merge_group": {"head_sha": head, "base_sha": base, "head_ref": ref},
            "repository": {"full_name": REPO, "default_branch": "main"},
        }
        return self.review()

    def publish(self, build: FinishedJob) -> FinishedJob:
        """Post the report of a fork's run, as `workflow_run` does."""
        run = {
            "event": "pull_request",
            "head_sha": self.origin.git("rev-parse", "topic"),
            "head_branch": "topic",
            "head_repository": {"full_name": REPO},
            "created_at": "2026-01-02T03:04:05Z",
        }
        payload = {
            "action": "completed",
            "workflow_run": run,
            "repository": {"full_name": REPO, "default_branch": "main"},
        }
        folder, base = self.job.folder.with_name("publish"), self.origin.git("rev-parse", "main")
        job = Job(folder, "workflow_run", payload, base, self.job.github, self.job.token)
        job.check_out(self.origin, "main")
        job.inputs["report"] = "report.json"
        report = (self.job.workspace / build.outputs["report"]).read_bytes()
        (job.workspace / "report.json").write_bytes(report)
        return job.run_here(self.tools.open)

    def _run_push(self, before: str, after: str) -> FinishedJob:
        self.job.event, self.job.sha = "push", after
        self.job.payload = {
            "ref": "refs/heads/main",
            "before": before,
            "after": after,
            "repository": {"full_name": REPO, "default_branch": "main"},
        }
        self.job.check_out_again("main")
        return self.job.run_here(self.tools.open)

    def read_record(self, commit: str = "main") -> Record:
        """Return the record of a commit."""
        sha = self.origin.git("rev-parse", commit)
        paths = self.origin.git("ls-tree", "-r", "--name-only", "sizes").split("\n")
        (path,) = (path for path in paths if sha in path)
        return read_record(self.origin.git("show", f"sizes:{path}").encode())


@pytest.fixture
def team(tmp_path: Path, tools: ArchiveTools, github: GitHubStandIn) -> Team:
    """Return a repository of which a push of 1,000 B is recorded."""
    origin = Repository(tmp_path / "origin")
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    first = origin.commit({"Dockerfile": DOCKERFILE, CONFIG: AUTO, "app": ""})
    github.add_repository(REPO, collaborators={"alice": "write", "tara": "triage"})
    github.open_pull_request(REPO, 7, first, first, "mallory")
    token = github.token(BOT, issues="write", pull_requests="write")
    job = Job(tmp_path / "job", "push", {}, first, github, token)
    job.check_out(origin, "main")
    world = Team(origin, job, tools)
    done = world.push(app="x" * 1_000)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    return world


def read_check(team: Team, done: FinishedJob) -> dict[str, Any]:
    checks: list[dict[str, Any]] = read_images(team.job, done)["Dockerfile"]["checks"]
    return next(check for check in checks if check["name"] == "max-size")


def test_the_first_push_says_that_there_is_nothing_to_follow(team: Team) -> None:
    assert team.read_record().unpacked_bytes == 1_000


def test_a_pull_request_is_held_to_the_recorded_size(team: Team) -> None:
    done = team.open(app="x" * 2_900)
    check = read_check(team, done)
    assert (done.status, check["limit"], check["auto"]) == (0, 3_000, True)
    done = team.open(app="x" * 9_000)
    assert (done.status, read_check(team, done)["result"]) == (1, "fail")


def test_the_limit_follows_the_size_down_and_never_up(team: Team) -> None:
    team.push(app="x" * 200)
    team.push(app="x" * 1_500)
    assert read_check(team, team.open(app="y" * 1_600))["limit"] == 2_200


def test_a_pull_request_cannot_loosen_it(team: Team) -> None:
    loose = {CONFIG: "history: dir:mine\nbudget: {max-size: 1GB}\n", "app": "x" * 9_000}
    done = team.open(**loose)
    assert done.status == 1
    gates = [line for line in done.summary.splitlines() if line.startswith("- ")]
    assert any("size limit of all images" in line and "auto" in line for line in gates)
    assert any("where sizes are recorded" in line for line in gates)
    done = team.open(**{CONFIG: AUTO.replace("auto", "auto, ratchet-runs: 1"), "app": "x" * 9_000})
    assert (done.status, "ratchet-runs" in done.summary) == (1, True)


def test_an_approval_is_a_new_start(team: Team) -> None:
    done = team.open(app="x" * 9_000)
    assert "set the label <code>image-size-approved</code>" in done.summary
    assert "&#123;max-size&#58; 9.6kB&#125;</code> for <code>app</code>" in done.summary
    assert team.label().status == 0
    done = team.merge()
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    assert "approved by alice, so the limit starts again from this size" in done.summary
    record = team.read_record()
    assert (record.unpacked_bytes, record.is_approved) == (9_000, True)
    assert read_check(team, team.open(app="y" * 9_100))["limit"] == 11_000


def test_a_merge_that_nobody_approved_is_red_and_no_start(team: Team) -> None:
    team.open(app="x" * 9_000)
    done = team.merge()
    assert (done.status, team.read_record().is_approved) == (1, False)
    assert read_check(team, team.open(app="y" * 9_500))["limit"] == 3_000


def test_a_label_of_somebody_who_may_not_write_is_no_approval(team: Team) -> None:
    team.open(app="x" * 9_000)
    assert team.label(by="tara").status == 1
    assert team.merge().status == 1
    assert not team.read_record().is_approved


def test_growth_beyond_what_was_approved_fails(team: Team) -> None:
    team.open(app="x" * 5_000)
    assert team.label().status == 0
    assert team.open(app="x" * 9_000).status == 1


def test_a_push_that_merges_no_pull_request_is_not_approved_by_another(team: Team) -> None:
    team.open(app="x" * 9_000)
    team.label()
    team.merge()
    assert team.push(app="y" * 20_000).status == 1
    assert not team.read_record().is_approved


def test_the_way_that_the_report_names_passes(team: Team) -> None:
    done = team.open(app="x" * 9_000)
    assert (
        f"in <code>{CONFIG}</code>, in a separate pull request to <code>main</code>"
        in done.summary.replace("&#46;", ".")
    )
    team.push(**{CONFIG: AUTO.replace("auto", "10kB")})
    assert team.open(app="x" * 9_000).status == 0


def test_the_input_may_be_auto(team: Team) -> None:
    team.push(**{CONFIG: "history: branch:sizes\n"})
    team.job.inputs["max-size"] = "auto"
    done = team.open(app="x" * 9_000)
    assert (done.status, read_check(team, done)["limit"]) == (1, 3_000)


def test_the_merge_queue_reads_the_approval(team: Team) -> None:
    team.open(app="x" * 9_000)
    assert team.queue().status == 1
    team.open(app="x" * 9_000)
    team.label()
    assert team.queue().status == 0


def test_the_report_of_a_fork_is_held_to_the_records_that_are_read_here(team: Team) -> None:
    """The fork's workflow is its own: it may set any limit, and leave out the history."""
    team.job.inputs["max-size"] = "1GB"
    build = team.open(**{CONFIG: "budget: {}\n", "app": "x" * 9_000})
    assert build.status == 0
    done = team.publish(build)
    assert done.outputs["verdict"] == "fail"
    body = team.job.github.comments(REPO, 7)[-1].body
    assert "6.00\N{NO-BREAK SPACE}kB over the limit" in body.replace("&#54;", "6")
