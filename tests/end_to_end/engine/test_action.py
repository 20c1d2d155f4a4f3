"""The action as a program: an event in, a verdict, a comment, a summary and outputs out."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.events import load
from tests.support.engine import PrivateEngine
from tests.support.github import GitHubStandIn, Status, match_requests
from tests.support.github.faults import secondary_rate_limit
from tests.support.runner import REPO, Job, PullRequest, pull_request
from tests.support.runner_log import read_log

DOCKERFILE = "FROM debian:bookworm-slim\nRUN head -c 1000000 /dev/zero > /a\nCOPY x /x\n"
FATTER = DOCKERFILE.replace("1000000", "9000000")
BOT = "github-actions[bot]"


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("debian:bookworm-slim")
    return overlay2_engine


@pytest.fixture
def pull(tmp_path: Path) -> PullRequest:
    before = {"Dockerfile": DOCKERFILE, "x": "1", "docs/Dockerfile": DOCKERFILE, "docs/x": "1"}
    return pull_request(tmp_path / "origin", before, {"Dockerfile": FATTER})


@pytest.fixture
def job(tmp_path: Path, github: GitHubStandIn, pull: PullRequest) -> Job:
    """Make the pull request's job, with its merge commit checked out."""
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token(BOT, issues="write", pull_requests="write")
    new_job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
    new_job.inputs["max-growth"] = "5MB"
    new_job.check_out(pull.origin, "refs/pull/7/merge")
    return new_job


def on(job: Job, event: str, payload: dict[str, Any]) -> Job:
    job.event, job.payload = event, payload
    return job


def test_a_pull_request_over_budget(engine: PrivateEngine, job: Job, github: GitHubStandIn) -> None:
    done = job.run(engine)
    assert done.status == 1, done.log
    (comment,) = github.comments(REPO, 7)
    assert "Over budget" in comment.body.split("\n")[1]
    head = job.payload["pull_request"]["head"]["sha"]
    assert f"The head is {head[:12]} merged into main" in comment.body
    assert "Over budget" in done.summary
    assert "::error file=Dockerfile,line=2" in done.log
    assert done.outputs["verdict"] == "fail"
    assert done.outputs["delta"] == "8000000"
    assert int(done.outputs["head-size"]) - int(done.outputs["base-size"]) == 8_000_000
    assert done.outputs["comment-url"].endswith(f"issuecomment-{comment.id}")
    assert (job.workspace / done.outputs["markdown"]).read_text("utf-8").startswith("### ")


def test_later_changes_of_the_base_branch_are_not_attributed(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """Main fattens the image after the fork: neither way to check out may blame the pull request."""
    pull = pull_request(tmp_path / "origin", {"Dockerfile": DOCKERFILE, "x": "1"}, {"x": "22"})
    origin = pull.origin
    base = origin.commit({"Dockerfile": FATTER})
    origin.git("checkout", "--quiet", "--detach", base)
    merge = origin.merge("topic")
    origin.git("update-ref", "refs/pull/7/merge", merge)
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, base, "alice")
    token = github.token(BOT, issues="write", pull_requests="write")
    for ref in ("refs/pull/7/merge", "topic"):
        job = Job(
            tmp_path / ref.replace("/", "-"), "pull_request", pull.payload, merge, github, token
        )
        job.inputs["comment"] = "always"
        job.check_out(origin, ref)
        assert job.run(engine).outputs["delta"] == "1"
    assert len(github.comments(REPO, 7)) == 1


def test_a_fork_gets_its_verdict_without_a_comment(
    engine: PrivateEngine, job: Job, github: GitHubStandIn
) -> None:
    job.token = github.token(BOT, issues="read", pull_requests="read")
    done = job.run(engine)
    assert (done.status, done.outputs["verdict"], done.outputs["comment-url"]) == (1, "fail", "")
    assert github.comments(REPO, 7) == []
    assert "Over budget" in done.summary
    assert "::notice::The comment was not posted" in done.log


def test_the_two_halves_of_a_forks_review(
    engine: PrivateEngine, job: Job, pull: PullRequest, github: GitHubStandIn, tmp_path: Path
) -> None:
    """The trusted half posts the page that the untrusted half could not post."""
    writing, job.token = job.token, github.token(BOT, issues="read", pull_requests="read")
    done = job.run(engine)
    assert (done.status, github.comments(REPO, 7)) == (1, [])
    payload = load("workflow_run.fork")
    payload["workflow_run"] |= {"head_sha": pull.head, "head_repository": {"full_name": REPO}}
    payload["workflow_run"]["id"] = 1234  # as the run of every job here
    other = Job(tmp_path / "publish", "workflow_run", payload, pull.base, github, writing)
    other.workspace.mkdir(parents=True)
    shutil.copy(job.workspace / done.outputs["report"], other.workspace / "report.json")
    other.inputs |= {"report": "report.json", "max-growth": job.inputs["max-growth"]}
    assert other.run().status == 0
    (comment,) = github.comments(REPO, 7)
    assert "Over budget" in comment.body
    job.token = writing
    again = job.run(engine)
    assert "Comment: leave, it says the same already." in again.log
    assert github.comments(REPO, 7) == [comment]


def test_comment_changes_posts_only_on_changes(
    engine: PrivateEngine, job: Job, github: GitHubStandIn
) -> None:
    job.inputs |= {"images": "docs", "comment": "changes"}
    assert job.run(engine).status == 0
    assert github.comments(REPO, 7) == []
    job.inputs["comment"] = "always"
    assert job.run(engine).status == 0
    assert len(github.comments(REPO, 7)) == 1


def test_fail_on_decides_the_exit_status(engine: PrivateEngine, job: Job) -> None:
    job.inputs |= {"fail-on": "never", "comment": "never"}
    done = job.run(engine)
    assert (done.status, done.outputs["verdict"]) == (0, "fail")


def test_a_merge_queue_checks_the_cap_only(
    engine: PrivateEngine, job: Job, pull: PullRequest
) -> None:
    payload = {
        "action": "checks_requested",
        "merge_group": {"head_sha": pull.merge, "base_sha": pull.base},
    }
    done = on(job, "merge_group", payload).run(engine)
    assert (done.status, done.outputs["verdict"]) == (0, "pass")
    assert "in a merge queue" in done.summary
    assert "Base <code>before the merge group</code>" in done.summary
    job.inputs["max-size"] = "2MB"
    assert job.run(engine).status == 1


def test_a_push_to_the_default_branch(engine: PrivateEngine, job: Job, pull: PullRequest) -> None:
    payload = {
        "ref": "refs/heads/main",
        "before": pull.base,
        "after": pull.merge,
        "repository": {"default_branch": "main"},
    }
    done = on(job, "push", payload).run(engine)
    assert (done.status, done.outputs["delta"]) == (0, "8000000")


@pytest.mark.parametrize("event", ["workflow_dispatch", "schedule"])
def test_an_audit(engine: PrivateEngine, job: Job, event: str, github: GitHubStandIn) -> None:
    done = on(job, event, {}).run(engine)
    assert done.status == 0, done.log
    assert done.summary.index("docs/Dockerfile") > done.summary.index("Dockerfile")
    assert github.comments(REPO, 7) == []


def test_pull_request_target_builds_nothing(engine: PrivateEngine, job: Job) -> None:
    done = on(job, "pull_request_target", dict(job.payload)).run(engine)
    assert done.status == 2
    assert "would run with your token" in done.log
    assert "would run with your token" in done.summary
    assert "Dockerfile (" not in done.log


def test_a_run_by_hand_on_a_pull_requests_branch(
    engine: PrivateEngine, job: Job, pull: PullRequest, github: GitHubStandIn, tmp_path: Path
) -> None:
    by_hand = replace(job, folder=tmp_path / "by-hand", sha=pull.head)
    by_hand.check_out(pull.origin, "topic")
    done = on(by_hand, "workflow_dispatch", {"ref": "refs/heads/topic"}).run(engine)
    assert (done.status, done.outputs["delta"]) == (1, "8000000"), done.log
    assert "Over budget" in github.comments(REPO, 7)[0].body


CONFIG = "approve: {label: big-is-fine}\ncommit-status: image-size\n"


@pytest.fixture
def configured(tmp_path: Path, github: GitHubStandIn, pull: PullRequest, job: Job) -> Job:
    """Make the same job with an approving label and a commit status in a config file."""
    before = {"Dockerfile": DOCKERFILE, "x": "1", ".github/image-size.yml": CONFIG}
    other = pull_request(tmp_path / "configured", before, {"Dockerfile": FATTER})
    github.push(REPO, 7, other.head)
    configured_job = replace(
        job, folder=tmp_path / "configured-job", payload=other.payload, sha=other.merge
    )
    configured_job.check_out(other.origin, "refs/pull/7/merge")
    configured_job.token = github.token(BOT, pull_requests="write", statuses="write")
    return configured_job


def test_a_label_set_by_a_writer_approves_growth(
    engine: PrivateEngine, configured: Job, github: GitHubStandIn
) -> None:
    head = configured.payload["pull_request"]["head"]["sha"]
    github.label(REPO, 7, "big-is-fine", by="mallory")
    refused = configured.run(engine)
    assert (refused.status, refused.outputs["verdict"]) == (1, "fail")
    assert "it does not count" in github.comments(REPO, 7)[0].body
    assert [each.state for each in github.statuses_of(REPO, head)] == ["failure"]
    github.unlabel(REPO, 7, "big-is-fine", by="mallory")
    github.label(REPO, 7, "Big-is-fine", by="octo")
    approved = on(configured, "pull_request", {**configured.payload, "action": "labeled"})
    done = approved.run(engine)
    assert (done.status, done.outputs["verdict"]) == (0, "warn")
    (comment,) = github.comments(REPO, 7)
    assert "approved by octo" in comment.body
    assert [each.state for each in github.statuses_of(REPO, head)] == ["success"]
    assert "::error" not in done.log


def test_an_unreadable_approval_approves_nothing(
    engine: PrivateEngine, configured: Job, github: GitHubStandIn
) -> None:
    github.label(REPO, 7, "big-is-fine", by="octo")
    github.inject_fault(
        match_requests("GET", ".*/permission"), fault=secondary_rate_limit(3600), times=99
    )
    done = configured.run(engine)
    assert (done.status, done.outputs["verdict"]) == (1, "fail")
    assert "::notice::The approval could not be read." in done.log
    assert "run the job again later" in done.log
    assert len(github.comments(REPO, 7)) == 1


def test_a_failure_to_post_does_not_change_the_verdict(
    engine: PrivateEngine, configured: Job, github: GitHubStandIn
) -> None:
    github.inject_fault(
        match_requests("POST", ".*"), fault=Status(422, {"message": "No."}), times=99
    )
    done = configured.run(engine)
    assert (done.status, done.outputs["verdict"], done.outputs["comment-url"]) == (1, "fail", "")
    assert "::notice::The comment was not posted" in done.log
    assert "::notice::The commit status was not set" in done.log
    assert github.comments(REPO, 7) == []


def test_secrets_do_not_appear_in_log_or_report(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    dockerfile = DOCKERFILE.replace("RUN ", "ARG NPM_TOKEN\nRUN echo $NPM_TOKEN; ")
    pull = pull_request(
        tmp_path / "origin",
        {"Dockerfile": dockerfile, "x": "1"},
        {"Dockerfile": dockerfile + "RUN echo $NPM_TOKEN > /t && false\n"},
    )
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token(BOT, pull_requests="write")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.inputs["build-args"] = "NPM_TOKEN=hunter2-is-secret"
    job.check_out(pull.origin, "refs/pull/7/merge")
    done = job.run(engine)
    assert done.status == 2
    (comment,) = github.comments(REPO, 7)
    files = [
        (job.workspace / done.outputs[name]).read_text("utf-8") for name in ("report", "markdown")
    ]
    log = done.log.replace(
        "::add-mask::hunter2-is-secret\n", "", 1
    )  # the runner swallows this line
    assert log != done.log
    order = [done.log.index(word) for word in ("::add-mask::", "::stop-commands::", "build ")]
    assert order == sorted(order)
    assert not [text for text in (comment.body, done.summary, log, *files) if "hunter2" in text]


def test_secrets_of_the_base_do_not_appear_in_log_or_report(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """The pull request gives up a build argument; the base's build fails, and prints it."""
    spec = "images: [{name: web, dockerfile: Dockerfile, context: .%s}]\n"
    before = {
        "Dockerfile": "FROM debian:bookworm-slim\nARG APP_PASS\nRUN echo $APP_PASS; exit 1\n",
        ".github/image-size.yml": spec % ", build-args: {APP_PASS: hunter2-is-secret}",
    }
    after = {"Dockerfile": DOCKERFILE, "x": "1", ".github/image-size.yml": spec % ""}
    pull = pull_request(tmp_path / "origin", before, after)
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    token = github.token(BOT, pull_requests="write")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, token)
    job.check_out(pull.origin, "refs/pull/7/merge")
    done = job.run(engine)
    assert done.outputs["verdict"] == "warn", done.log
    (comment,) = github.comments(REPO, 7)
    report = (job.workspace / done.outputs["report"]).read_text("utf-8")
    log = done.log.replace("::add-mask::hunter2-is-secret\n", "", 1)
    assert "***" in report
    assert not [x for x in (comment.body, done.summary, log, report) if "hunter2" in x]


def test_an_event_without_work(engine: PrivateEngine, job: Job) -> None:
    done = on(job, "issue_comment", {}).run(engine)
    assert done.status == 0
    assert "nothing to do" in done.log


def test_wrong_inputs_are_all_named(engine: PrivateEngine, job: Job) -> None:
    job.inputs |= {"max-size": "huge", "comment": "maybe", "build-args": "X"}
    done = job.run(engine)
    assert done.status == 2
    assert all(f"  {name}: " in done.log for name in ("max-size", "comment", "build-args"))
    assert done.outputs["verdict"] == "error"


def test_no_line_of_untrusted_text_is_a_workflow_command(
    engine: PrivateEngine, tmp_path: Path, github: GitHubStandIn
) -> None:
    """A Dockerfile prints workflow commands, also behind a line break of its own."""
    evil = (
        "FROM debian:bookworm-slim\n"
        "RUN echo '::error::pwned' && echo 'a ##[set-output name=x]pwned' >&2 && "
        "printf 'a\\r ::set-output name=x::pwned\\n\\033[31m'; exit 1\n"
    )
    pull = pull_request(
        tmp_path / "origin", {"Dockerfile": DOCKERFILE, "x": "1"}, {"Dockerfile": evil}
    )
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    job = Job(tmp_path / "job", "pull_request", pull.payload, pull.merge, github, github.token(BOT))
    job.check_out(pull.origin, "refs/pull/7/merge")
    done = job.run(engine)
    assert done.status == 2
    assert "pwned" in done.log, "the build's output is part of the log"
    log = read_log(done.log)
    assert "error" in log.names, "our own annotation"
    assert log.names <= {"error", "notice"}
    assert not [data for _, data in log.obeyed if data.startswith("pwned")]
    assert (log.ignored, "\x1b" in done.log) == ([], False)


def test_outside_of_a_workflow_the_action_is_refused(engine: PrivateEngine, job: Job) -> None:
    job.event = ""
    done = job.run(engine)
    assert done.status == 2
    assert "This is not a GitHub Actions job" in done.log
