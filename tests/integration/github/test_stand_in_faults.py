"""Misbehaviour on demand, as PyGithub meets it."""

import socket
import time
from datetime import UTC, datetime

import pytest
from github import Auth, Github, GithubException, GithubRetry, RateLimitExceededException
from github.PullRequest import PullRequest
from requests.exceptions import ChunkedEncodingError, ConnectionError, ReadTimeout  # noqa: A004

from tests.support.github import GitHubStandIn, Reset, Stall, Status, Truncate, match_requests
from tests.support.github.faults import (
    bad_credentials,
    no_permission,
    primary_rate_limit,
    secondary_rate_limit,
    unavailable,
)

POST = match_requests("POST", r".*/issues/7/comments")


def pull_of(github: GitHubStandIn, retry: GithubRetry | None = None) -> PullRequest:
    """Return the pull request through a client with a short timeout."""
    github.add_repository("octo/app")
    github.open_pull_request("octo/app", 7, "a" * 40, "b" * 40, "alice")
    token = github.token("alice", issues="write")
    client = Github(
        base_url=github.url,
        auth=Auth.Token(token),
        retry=retry,
        timeout=1,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
    return client.get_repo("octo/app").get_pull(7)


def bodies(github: GitHubStandIn) -> list[str]:
    return [each.body for each in github.comments("octo/app", 7)]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (bad_credentials(), 401),
        (no_permission(), 403),
        (Status(404, {"message": "Not Found"}), 404),
        (Status(409, {"message": "Conflict"}), 409),
        (Status(422, {"message": "Validation Failed"}), 422),
        (Status(500), 500),
        (unavailable(502), 502),
        (unavailable(503), 503),
    ],
)
def test_a_fault_answers_without_doing_the_work(
    github: GitHubStandIn, fault: Status, status: int
) -> None:
    pull = pull_of(github)
    github.inject_fault(POST, fault=fault)
    with pytest.raises(GithubException) as refused:
        pull.create_issue_comment("once")
    assert refused.value.status == status
    assert github.requests[-1] == ("POST", "/repos/octo/app/issues/7/comments", status)
    assert bodies(github) == []
    pull.create_issue_comment("twice")
    assert bodies(github) == ["twice"]


def test_rate_limit_faults_have_their_headers(github: GitHubStandIn) -> None:
    pull = pull_of(github)
    reset = datetime(2030, 1, 1, tzinfo=UTC)
    github.inject_fault(POST, fault=primary_rate_limit(reset))
    github.inject_fault(POST, fault=secondary_rate_limit(7), nth=2)
    with pytest.raises(RateLimitExceededException) as primary:
        pull.create_issue_comment("once")
    with pytest.raises(RateLimitExceededException) as secondary:
        pull.create_issue_comment("twice")
    assert primary.value.headers
    assert primary.value.headers["x-ratelimit-remaining"] == "0"
    assert primary.value.headers["x-ratelimit-reset"] == str(int(reset.timestamp()))
    assert secondary.value.headers
    assert secondary.value.headers["retry-after"] == "7"


def test_a_fault_starts_at_the_nth_request_and_repeats(github: GitHubStandIn) -> None:
    pull = pull_of(github)
    github.inject_fault(POST, fault=unavailable(), nth=2, times=2)
    statuses = []
    for body in "abcd":
        try:
            pull.create_issue_comment(body)
        except GithubException as error:
            statuses.append((body, error.status))
    assert statuses == [("b", 502), ("c", 502)]
    assert bodies(github) == ["a", "d"]


@pytest.mark.parametrize("how", [Reset(), Reset(after_bytes=20), unavailable()])
@pytest.mark.parametrize("after_work", [False, True])
def test_the_work_may_be_done_although_the_answer_fails(
    github: GitHubStandIn, how: Reset | Status, *, after_work: bool
) -> None:
    pull = pull_of(github)
    github.inject_fault(POST, fault=how, after_work=after_work)
    with pytest.raises((GithubException, ConnectionError, ChunkedEncodingError)):
        pull.create_issue_comment("once")
    assert bodies(github) == (["once"] if after_work else [])


def test_a_truncated_answer(github: GitHubStandIn) -> None:
    pull = pull_of(github)
    github.inject_fault(POST, fault=Truncate())
    with pytest.raises((ConnectionError, ChunkedEncodingError)):
        pull.create_issue_comment("once")
    assert bodies(github) == ["once"]
    assert github.requests[-1].status == 0


def test_a_stalled_answer_runs_into_the_clients_limit(github: GitHubStandIn) -> None:
    pull = pull_of(github)
    github.inject_fault(POST, fault=Stall(60))
    with pytest.raises(ReadTimeout):
        pull.create_issue_comment("once")
    assert pull.update() is True  # The others are served meanwhile.


def test_a_stalled_answer_does_not_outlive_the_server() -> None:
    started = time.monotonic()
    with GitHubStandIn() as github:
        github.inject_fault(match_requests("*", ".*"), fault=Stall(60))
        sender = socket.create_connection(("127.0.0.1", github.port), timeout=10)
        sender.sendall(b"GET /rate_limit HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n")
        while not github.requests:
            time.sleep(0.01)
    assert sender.recv(100).startswith(b"HTTP/1.1 200")
    sender.close()
    assert time.monotonic() - started < 10


def test_a_client_that_tries_again_posts_twice(github: GitHubStandIn) -> None:
    """The very trap that these faults exist for."""
    pull = pull_of(github, GithubRetry(total=1, backoff_factor=0, allowed_methods=None))
    github.inject_fault(POST, fault=unavailable(), after_work=True)
    pull.create_issue_comment("once")
    assert bodies(github) == ["once", "once"]
