"""Pull requests without secrets, under `unbuildable-from-forks`, and the merge queue behind them."""

from typing import Any

import pytest

from tests.support.archive_builder import ArchiveTools
from tests.support.github import GitHubStandIn
from tests.support.repository import Repository
from tests.support.runner import REPO, FinishedJob, Job, PullRequest

SECRET = "FROM scratch\nRUN --mount=type=secret,id=x true\nCOPY app /\n"
BROKEN = "FROM scratch\nRUN false\n"
LABEL = "image-size-approved"


def from_elsewhere(job: Job, source: str) -> None:
    """Give the job's payload the author and the repository of its source."""
    own = {"full_name": REPO}
    repositories = {"fork": {"full_name": "mallory/app"}, "deleted fork": None}
    job.payload["pull_request"]["head"]["repo"] = repositories.get(source, own)
    login = "dependabot[bot]" if source == "dependabot" else "mallory"
    job.payload = {**job.payload, "sender": {"login": login}}


def change(job: Job, dockerfile: str) -> None:
    """Let the pull request change the Dockerfile."""
    head = Repository(job.workspace).commit({"Dockerfile": dockerfile})
    job.payload["pull_request"]["head"]["sha"] = head
    job.inputs["base-ref"] = "main"
    job.github.push(REPO, 7, head)


def outcome(done: FinishedJob) -> tuple[int, str]:
    return done.status, done.outputs["verdict"]


@pytest.mark.parametrize("source", ["fork", "deleted fork", "dependabot"])
def test_a_build_that_lacks_a_secret_warns_where_that_is_asked_for(
    job: Job, tools: ArchiveTools, source: str
) -> None:
    from_elsewhere(job, source)
    change(job, SECRET)
    assert outcome(job.run_here(tools.open)) == (2, "error")
    job.inputs["unbuildable-from-forks"] = "warn"
    done = job.run_here(tools.open)
    assert outcome(done) == (0, "warn")
    assert "the merge queue judges" in done.summary
    assert "::warning file=Dockerfile" in done.log


@pytest.mark.parametrize(("login", "expected"), [("dependabot", (0, "warn")), ("a", (2, "error"))])
def test_a_push_of_dependabot_lacks_secrets_as_well(
    job: Job, tools: ArchiveTools, pull: PullRequest, login: str, expected: tuple[int, str]
) -> None:
    job.inputs |= {"unbuildable-from-forks": "warn", "base-ref": "main"}
    job.event = "push"
    job.payload = {
        "before": pull.base,
        "after": Repository(job.workspace).commit({"Dockerfile": SECRET}),
        "ref": "refs/heads/dependabot/docker/x",
        "repository": {"default_branch": "main", "full_name": REPO},
        "sender": {"login": f"{login}[bot]"},
    }
    assert outcome(job.run_here(tools.open)) == expected


@pytest.mark.parametrize(
    ("source", "dockerfile"), [("branch", SECRET), ("fork", BROKEN), ("dependabot", BROKEN)]
)
def test_every_other_failure_stays_an_error(
    job: Job, tools: ArchiveTools, source: str, dockerfile: str
) -> None:
    job.inputs["unbuildable-from-forks"] = "warn"
    from_elsewhere(job, source)
    change(job, dockerfile)
    assert outcome(job.run_here(tools.open)) == (2, "error")


@pytest.mark.parametrize(
    ("source", "value", "status"), [("fork", "warn", 0), ("fork", "fail", 2), ("branch", "warn", 2)]
)
def test_a_missing_engine_is_excused_in_the_same_way(
    job: Job, source: str, value: str, status: int
) -> None:
    job.inputs["unbuildable-from-forks"] = value
    from_elsewhere(job, source)
    assert outcome(job.run()) == (status, "error")


def test_growth_over_the_limit_is_never_excused(job: Job, tools: ArchiveTools) -> None:
    job.inputs["unbuildable-from-forks"] = "warn"
    from_elsewhere(job, "fork")
    assert outcome(job.run_here(tools.open)) == (1, "fail")


def queue(job: Job, pull: PullRequest, **group: Any) -> None:
    """Make the job one of the merge queue, which merges the pull request."""
    job.event = "merge_group"
    head_ref = f"refs/heads/gh-readonly-queue/main/pr-7-{pull.base}"
    fields = {"head_sha": pull.merge, "base_sha": pull.base, "head_ref": head_ref, **group}
    job.payload = {
        "action": "checks_requested",
        "merge_group": fields,
        "repository": {"full_name": REPO, "default_branch": "main"},
    }


@pytest.mark.parametrize(("value", "expected"), [("warn", (1, "fail")), ("fail", (0, "pass"))])
def test_the_merge_queue_judges_growth_where_forks_are_excused(
    job: Job, tools: ArchiveTools, pull: PullRequest, value: str, expected: tuple[int, str]
) -> None:
    job.inputs["unbuildable-from-forks"] = value
    queue(job, pull)
    assert outcome(job.run_here(tools.open)) == expected


def test_the_merge_queue_reads_the_approval_of_the_pull_request(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    job.inputs["unbuildable-from-forks"] = "warn"
    github.label(REPO, 7, LABEL, by="alice")
    assert outcome(job.run_here(tools.open)) == (0, "warn")
    queue(job, pull)
    done = job.run_here(tools.open)
    assert outcome(done) == (0, "warn")
    assert "approved by alice for +8.00 kB" in done.summary
    queue(job, pull, head_ref=f"refs/heads/gh-readonly-queue/main/pr-8-{pull.base}")
    done = job.run_here(tools.open)
    assert outcome(done) == (1, "fail")
    assert "::notice::" in done.log


def test_an_image_that_a_fork_could_not_build_is_approved_in_the_queue(
    job: Job, tools: ArchiveTools, github: GitHubStandIn, pull: PullRequest
) -> None:
    """Its size is not known when the label is set: the approval is for that very commit."""
    job.inputs["unbuildable-from-forks"] = "warn"
    from_elsewhere(job, "fork")
    base = pull.origin.commit({"Dockerfile": SECRET})
    pull.origin.git("checkout", "--quiet", "--detach", base)
    merge = pull.origin.merge("topic")
    pull.origin.git("update-ref", "refs/pull/7/merge", merge)
    job.check_out_again("refs/pull/7/merge")
    github.label(REPO, 7, LABEL, by="alice")
    assert outcome(job.run_here(tools.open)) == (0, "warn")
    tools.builder.has_secrets = True
    queue(job, pull, head_sha=merge, base_sha=base)
    done = job.run_here(tools.open)
    assert outcome(done) == (0, "warn"), done.log
    assert "approved by alice for +8.00 kB" in done.summary
