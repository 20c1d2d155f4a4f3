"""docs/events.md holds: each cell of its second table is a real job against the stand-in GitHub.

Nothing is built, since the repository has no Dockerfile; what is posted does not depend on that.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.report.document.report_document import to_document
from tests.events import NAMES, load
from tests.support.github import GitHubStandIn, Reset, Status, match_requests
from tests.support.github.faults import (
    bad_credentials,
    no_permission,
    secondary_rate_limit,
    unavailable,
)
from tests.support.image_world import review, unchanged
from tests.support.runner import REPO, FinishedJob, Job, PullRequest, pull_request

PAGE = (Path(__file__).parents[2] / "docs/events.md").read_text("utf-8")
BOT = "github-actions[bot]"
FILES = {"README.md": "1", ".github/image-size.yml": "commit-status: image-size\n"}
# Which payload stands for which row of the table.
ROWS = {
    "`pull_request`": "pull_request.synchronize",
    "`pull_request`, labeled": "pull_request.labeled",
    "`pull_request`, closed": "pull_request.closed",
    "`pull_request`, from a fork": "pull_request.fork",
    "`pull_request`, from Dependabot": "pull_request.dependabot",
    "`pull_request_target`": "pull_request_target.opened",
    "`merge_group`": "merge_group.checks_requested",
    "`merge_group`, destroyed": "merge_group.destroyed",
    "`push` to the default branch": "push.default-branch",
    "`push` to another branch": "push.branch",
    "`push` of a tag": "push.tag",
    "`workflow_dispatch`": "workflow_dispatch",
    "`workflow_dispatch` on a pull request's branch": "workflow_dispatch",
    "`schedule`": "schedule",
    "`workflow_run` of a fork's": "workflow_run.fork",
    "`workflow_run` of any other": "workflow_run.completed",
    "`issue_comment`": "issue_comment.created",
}
RIGHTS = ("write", "read", "")


@dataclass(frozen=True)
class Cell:
    """A cell of the table: the outcome of an event with a token's right."""

    row: str
    right: str
    outcome: str


def cells() -> list[Cell]:
    _, table = PAGE.split("| event | may write |")
    lines = re.findall(r"^\| (`.*) \|$", table, re.MULTILINE)
    rows = [line.split(" | ") for line in lines]
    return [
        Cell(row, right, outcome)
        for row, *words in rows
        for right, outcome in zip(RIGHTS, words, strict=True)
        if outcome != "—"  # GitHub gives no such token
    ]


def adapt_payload(payload: dict[str, Any], pull: PullRequest) -> dict[str, Any]:
    """Return the payload with this repository's commits in place of the recorded ones."""
    if pull_request := payload.get("pull_request"):
        pull_request["number"] = payload["number"] = 7
        pull_request["head"]["sha"], pull_request["base"]["ref"] = pull.head, "main"
    if group := payload.get("merge_group"):
        group |= {"head_sha": pull.merge, "base_sha": pull.base}
    if "ref" in payload and "before" in payload:
        payload |= {"before": pull.base, "after": pull.merge}
        payload["ref"] = payload["ref"].replace("master", "main")
    if run := payload.get("workflow_run"):
        run["head_sha"] = pull.head
        run["head_repository"]["full_name"] = REPO
    payload["repository"]["default_branch"] = "main"
    return payload


@pytest.fixture(scope="module")
def pull(tmp_path_factory: pytest.TempPathFactory) -> PullRequest:
    return pull_request(tmp_path_factory.mktemp("origin"), FILES, {"more.md": "1"})


def job_for(cell: Cell, pull: PullRequest, github: GitHubStandIn, folder: Path) -> Job:
    name = ROWS[cell.row]
    by_hand = "on a pull request's branch" in cell.row
    right = cell.right
    token = github.token(BOT, pull_requests=right, statuses=right) if right else ""
    sha = pull.head if by_hand else pull.merge
    job = Job(folder, name.partition(".")[0], adapt_payload(load(name), pull), sha, github, token)
    job.inputs["comment"] = "always"
    job.check_out(pull.origin, "topic" if by_hand else "refs/pull/7/merge")
    if job.event == "workflow_run":
        job.inputs["report"] = "report.json"
        report = json.dumps(to_document(review(unchanged("web"))))
        (job.workspace / "report.json").write_text(report, "utf-8")
    return job


def describe_outcome(done: FinishedJob, github: GitHubStandIn) -> str:
    """Describe the state of the stand-in GitHub afterwards, in the terms of the table."""
    posted = [
        *(["comment"] if github.comments(REPO, 7) else []),
        *(["status"] if github.statuses else []),
    ]
    if posted:
        return ", ".join(posted)
    if done.status:
        return "refused"
    return "notice" if "::notice::" in done.log else "nothing"


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: f"{cell.row} {cell.right or 'none'}")
def test_the_action_behaves_as_the_table_says(
    cell: Cell, pull: PullRequest, github: GitHubStandIn, tmp_path: Path
) -> None:
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    github.add_commit(REPO, pull.merge)
    done = job_for(cell, pull, github, tmp_path / "job").run()
    assert describe_outcome(done, github) == cell.outcome, done.log
    assert done.status == (2 if cell.outcome == "refused" else 0)
    assert bool(done.summary) == (cell.outcome != "nothing")


def test_the_table_has_every_event() -> None:
    assert {cell.row for cell in cells()} == set(ROWS)
    events = {name.partition(".")[0] for name in NAMES}
    assert {name.partition(".")[0] for name in ROWS.values()} == events


@pytest.mark.parametrize(
    "fault",
    [
        bad_credentials(),
        no_permission(),
        unavailable(500),
        Status(422, {"message": "No."}),
        secondary_rate_limit(3600),
        Status(200, "<html>Please log in.</html>"),
        Reset(),
    ],
    ids=["401", "403", "500", "422", "limit", "page", "reset"],
)
def test_no_failure_of_github_changes_the_verdict(
    fault: Status | Reset, pull: PullRequest, github: GitHubStandIn, tmp_path: Path
) -> None:
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    github.inject_fault(match_requests("*", ".*"), fault=fault, times=999)
    job = job_for(Cell("`pull_request`", "write", ""), pull, github, tmp_path / "job")
    done = job.run()
    assert (done.status, done.outputs["verdict"], done.outputs["comment-url"]) == (0, "pass", "")
    # The approval, the comment and the status.
    assert done.log.count("::notice::") == 3, done.log
    assert "No Dockerfile was found" in done.summary
    assert (job.workspace / done.outputs["report"]).exists()
    assert github.comments(REPO, 7) == []
    assert not github.statuses


def test_two_uses_on_one_pull_request_keep_separate_comments(
    github: GitHubStandIn, tmp_path: Path
) -> None:
    files = {"README.md": "1", "a.yml": "comment: always\n", "b.yml": "comment: always\n"}
    pull = pull_request(tmp_path / "origin", files, {"more.md": "1"})
    github.add_repository(REPO)
    github.open_pull_request(REPO, 7, pull.head, pull.base, "alice")
    job = job_for(Cell("`pull_request`", "write", ""), pull, github, tmp_path / "job")
    reports, addresses = set(), set()
    for _ in range(2):
        for name in ("a", "b"):
            job.inputs["config"], job.extra_variables = f"{name}.yml", {"GITHUB_ACTION": name}
            done = job.run()
            assert done.status == 0, done.log
            reports.add(done.outputs["report"])
            addresses.add(done.outputs["comment-url"])
    assert len(github.comments(REPO, 7)) == len(addresses) == len(reports) == 2
