"""Questions about pull requests, asked of the stand-in GitHub."""

import pytest

from bot.adapters.github.client import GitHubClient, RetryPolicy
from bot.adapters.github.pulls import GitHubPulls
from bot.errors import PublishError
from bot.pull_request.event import PullRequest, WorkflowRun
from tests.support.github import GitHubStandIn, match_requests
from tests.support.github.faults import unavailable

REPO, HEAD, BASE, OTHER = "octo/app", "a" * 40, "b" * 40, "c" * 40
BOT = "github-actions[bot]"
LABEL = "image-size-approved"


@pytest.fixture(autouse=True)
def pull_request(github: GitHubStandIn) -> None:
    github.add_repository(
        REPO, collaborators={"alice": "write", "tara": "triage", "max": "maintain"}
    )
    github.open_pull_request(REPO, 7, HEAD, BASE, "mallory", head_repo="mallory/app")


@pytest.fixture
def pulls(github: GitHubStandIn) -> GitHubPulls:
    token = github.token(BOT, pull_requests="read", statuses="write")
    return GitHubPulls(GitHubClient(github.url, token, REPO, retry_policy=RetryPolicy(1, 0.01, 1)))


def test_a_commit_leads_to_its_open_pull_requests(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    github.open_pull_request(REPO, 8, OTHER, BASE, "bob")
    assert pulls.find_by_commit(HEAD) == (PullRequest(7, HEAD, "main"),)
    github.push(REPO, 8, HEAD)
    assert [pull.number for pull in pulls.find_by_commit(HEAD)] == [7, 8]
    github.close(REPO, 7)
    assert [pull.number for pull in pulls.find_by_commit(HEAD)] == [8]


def test_a_run_leads_to_the_pull_request_of_its_branch(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    github.open_pull_request(REPO, 8, HEAD, BASE, "bob", head_repo="bob/app")
    matches = pulls.find_by_run(WorkflowRun(HEAD, "topic", "Mallory/app"))
    assert [pull.number for pull in matches] == [7]
    assert pulls.find_by_run(WorkflowRun(HEAD, "elsewhere", "mallory/app")) == ()


@pytest.mark.parametrize(
    ("login", "counts"),
    [
        ("octo", True),
        ("max", True),
        ("alice", True),
        ("tara", False),
        ("mallory", False),
        (BOT, False),
    ],
)
def test_only_writers_may_approve(
    github: GitHubStandIn, pulls: GitHubPulls, login: str, counts: bool
) -> None:
    github.label(REPO, 7, LABEL.upper(), by=login)
    label = pulls.find_label(7, LABEL)
    assert label
    assert (label.approval.login, label.approval.is_valid) == (login, counts)
    assert label.approval.set_at.endswith(" UTC")
    assert (label.head_sha, label.is_rewritten) == (HEAD, False)


def test_each_time_that_the_label_is_set_is_another_approval(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    ids = []
    for _ in range(2):
        github.label(REPO, 7, LABEL, by="alice")
        label = pulls.find_label(7, LABEL)
        assert label
        ids.append(label.event_id)
        github.unlabel(REPO, 7, LABEL, by="alice")
    assert len(set(ids)) == 2


def test_a_forced_push_after_the_label_is_noticed(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    github.label(REPO, 7, LABEL, by="alice")
    github.push(REPO, 7, OTHER)
    label = pulls.find_label(7, LABEL)
    assert label
    assert (label.head_sha, label.is_rewritten) == (OTHER, False)
    github.push(REPO, 7, HEAD, force=True)
    label = pulls.find_label(7, LABEL)
    assert label
    assert (label.head_sha, label.is_rewritten) == (HEAD, True)


def test_a_removed_label_approves_nothing(github: GitHubStandIn, pulls: GitHubPulls) -> None:
    assert pulls.find_label(7, LABEL) is None
    github.label(REPO, 7, LABEL, by="alice")
    github.unlabel(REPO, 7, LABEL, by="mallory")
    assert pulls.find_label(7, LABEL) is None


def test_the_last_person_to_set_the_label_counts(github: GitHubStandIn, pulls: GitHubPulls) -> None:
    """A removed approval is not restored by a person without write permission."""
    github.label(REPO, 7, LABEL, by="alice")
    github.unlabel(REPO, 7, LABEL, by="alice")
    github.label(REPO, 7, LABEL, by="mallory")
    github.label(REPO, 7, "bug", by="alice")
    label = pulls.find_label(7, LABEL)
    assert label
    assert (label.approval.login, label.approval.is_valid) == ("mallory", False)


def test_the_label_event_is_found_after_many_pages(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    for number in range(130):
        github.label(REPO, 7, f"label-{number}", by="bob")
    github.label(REPO, 7, LABEL, by="alice")
    label = pulls.find_label(7, LABEL)
    assert label
    assert label.approval.login == "alice"


def test_an_unknown_permission_approves_nothing(github: GitHubStandIn, pulls: GitHubPulls) -> None:
    github.label(REPO, 7, LABEL, by="alice")
    github.inject_fault(match_requests("GET", r".*/permission"), fault=unavailable(), times=99)
    with pytest.raises(PublishError, match="approval could not be read"):
        pulls.find_label(7, LABEL)


def test_a_status_is_set_once_and_again_when_it_changes(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    for state in ("failure", "failure", "success"):
        pulls.set_status(HEAD, "image-size", state, {"description": "said"})
    assert [each.state for each in github.statuses.values()] == ["failure", "success"]


def test_a_status_whose_answer_is_lost_is_set_once(
    github: GitHubStandIn, pulls: GitHubPulls
) -> None:
    github.inject_fault(match_requests("POST", ".*"), fault=unavailable(), after_work=True)
    pulls.set_status(HEAD, "image-size", "success", {"description": "said"})
    assert len(github.statuses) == 1
