"""Operations of the client under faults of GitHub: the result, and GitHub's state.

docs/faults.md has the same table for people; a test holds the two together.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.github.client import GitHubClient, RetryPolicy
from bot.adapters.github.comments import DesiredComment, StickyComment
from bot.errors import PublishError
from bot.report.formats.comment_marker import is_own_comment, make_marker
from tests.support.github import (
    ConcurrentChange,
    GitHubStandIn,
    Reset,
    Stall,
    Status,
    Truncate,
    match_requests,
)
from tests.support.github.faults import (
    Fault,
    bad_credentials,
    no_permission,
    primary_rate_limit,
    secondary_rate_limit,
    unavailable,
)

REPO, NUMBER, HEAD, BASE = "octo/app", 7, "a" * 40, "b" * 40
BOT = "github-actions[bot]"
PAGE = (Path(__file__).parents[3] / "docs/faults.md").read_text("utf-8")
LIST, WRITE = (
    match_requests("GET", r".*/issues/7/comments"),
    match_requests("POST", r".*/issues/7/comments"),
)
GONE = {"message": "Not Found"}
SAID_LIMIT = {"message": "You have exceeded a secondary rate limit."}
WELCOME = Status(200, "<html>Please log in to the guests' network.</html>")


@pytest.fixture(autouse=True)
def pull_request(github: GitHubStandIn) -> None:
    github.add_repository(REPO)
    github.open_pull_request(REPO, NUMBER, HEAD, BASE, "alice")


def post(github: GitHubStandIn, text: str = "report") -> str:
    token = github.token(BOT, issues="write", pull_requests="write")
    patience = RetryPolicy(timeout_s=1, backoff_s=0.01, max_pause_s=2)
    comments = StickyComment(GitHubClient(github.url, token, REPO, retry_policy=patience), NUMBER)
    body = f"{make_marker('k', HEAD)}\n{text}"
    return comments.post(
        DesiredComment(body, True, HEAD, lambda comment: is_own_comment(comment, "k"))
    ).url


def list_bodies(github: GitHubStandIn) -> list[str]:
    return [comment.body.split("\n")[-1] for comment in github.comments(REPO, NUMBER)]


@dataclass(frozen=True)
class Case:
    """A row of the table: what goes wrong how often, and whether the comment stands in the end."""

    row: str
    fault: Fault
    times: int
    posted: bool
    after_work: bool = False


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


WRITES = [
    Case("401", bad_credentials(), 1, posted=False),
    Case("403, a permission is missing", no_permission(), 1, posted=False),
    Case("a rate limit, for up to a minute", secondary_rate_limit(1), 1, posted=True),
    Case("a rate limit, for up to a minute", primary_rate_limit(datetime.now(UTC)), 1, True),
    Case("a rate limit, for longer", secondary_rate_limit(3600), 1, posted=False),
    Case("a rate limit, for longer", primary_rate_limit(in_an_hour()), 1, posted=False),
    Case("404", Status(404, GONE), 1, posted=True),
    Case("404", Status(404, GONE), 9, posted=False),
    Case("409", Status(409, {"message": "Conflict"}), 1, posted=True),
    Case("422", Status(422, {"message": "Validation Failed"}), 1, posted=False),
    Case("5xx", unavailable(500), 1, posted=True),
    Case("5xx", unavailable(502), 1, posted=True),
    Case("5xx", unavailable(503), 9, posted=False),
    Case("the answer is lost, the work was done", unavailable(502), 1, True, after_work=True),
    Case("the answer is lost, the work was done", Reset(), 1, posted=True, after_work=True),
    Case("the answer is lost, the work was done", Reset(20), 1, posted=True, after_work=True),
    Case("the answer is lost, the work was done", Truncate(), 1, posted=True),
    Case("the answer is lost, the work was done", Stall(60), 1, posted=True),
    Case("the connection breaks", Reset(), 1, posted=True),
    Case("the connection breaks", Reset(), 9, posted=False),
    Case("a rate limit, for longer", Status(429, {"message": "Too many"}), 1, posted=False),
    Case("a rate limit, for longer", Status(403, SAID_LIMIT), 1, posted=False),
    Case("an answer that is not GitHub's", WELCOME, 1, posted=True),
    Case("an answer that is not GitHub's", WELCOME, 9, posted=False),
    Case("an answer that is not GitHub's", Status(200, "["), 9, posted=False),
    Case("an answer that is not GitHub's", Status(200, {}), 9, posted=False),
    Case("an answer that is not GitHub's", Status(301, {}, {"Location": "/x"}), 9, posted=False),
    Case("an answer that is not GitHub's", Status(500, {"message": ["?"]}), 9, posted=False),
]


@pytest.mark.parametrize("case", WRITES, ids=lambda case: f"{case.row} x{case.times}")
def test_failed_writes_are_retried_or_reported(github: GitHubStandIn, case: Case) -> None:
    assert f"| {case.row} |" in PAGE
    github.inject_fault(WRITE, fault=case.fault, times=case.times, after_work=case.after_work)
    if case.posted:
        assert post(github)
    else:
        with pytest.raises(PublishError, match="not posted"):
            post(github)
    assert list_bodies(github) == (["report"] if case.posted else [])


@pytest.mark.parametrize("fault", [unavailable(502), Reset(), Truncate(), Stall(60), WELCOME])
def test_a_read_that_fails_once_is_retried(github: GitHubStandIn, fault: Fault) -> None:
    post(github, "old")
    github.inject_fault(LIST, fault=fault)
    assert post(github)
    assert list_bodies(github) == ["report"]


def test_a_comment_deleted_before_the_update_is_created_again(github: GitHubStandIn) -> None:
    post(github, "old")
    (old,) = github.comments(REPO, NUMBER)
    edits = match_requests("PATCH", r".*/issues/comments/\d+")
    github.inject_fault(edits, fault=ConcurrentChange(lambda: github.delete_comment(old.id)))
    assert post(github)
    assert list_bodies(github) == ["report"]


def test_a_requested_pause_is_respected(github: GitHubStandIn) -> None:
    github.inject_fault(WRITE, fault=secondary_rate_limit(1))
    started = time.monotonic()
    post(github)
    assert time.monotonic() - started >= 1


def test_a_long_pause_is_reported_instead_of_waited_for(github: GitHubStandIn) -> None:
    github.inject_fault(WRITE, fault=secondary_rate_limit(3600), times=9)
    with pytest.raises(PublishError) as caught:
        post(github)
    assert "secondary rate limit" in caught.value.why
    assert caught.value.fix == "run the job again later"


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "Fri, 07 Nov 2036 23:59:59 GMT"}])
def test_a_rate_limit_without_a_duration_is_not_a_permission_error(
    github: GitHubStandIn, headers: dict[str, str]
) -> None:
    github.inject_fault(WRITE, fault=Status(403, SAID_LIMIT, headers), times=9)
    with pytest.raises(PublishError) as caught:
        post(github)
    assert caught.value.fix == "run the job again later"


def test_a_field_error_is_reported(github: GitHubStandIn) -> None:
    errors = [{"code": "custom", "message": "body is too long"}, "line is not in the diff"]
    body = {"message": "Validation Failed", "errors": errors}
    github.inject_fault(WRITE, fault=Status(422, body))
    with pytest.raises(PublishError) as caught:
        post(github)
    assert "Validation Failed: body is too long; line is not in the diff" in caught.value.why


def test_a_missing_trust_store_is_an_error(github: GitHubStandIn) -> None:
    hub = GitHubClient(
        "https://127.0.0.1:9", "t", REPO, verify="/no/such.pem", retry_policy=RetryPolicy(1, 0, 0)
    )
    with pytest.raises(PublishError) as caught:
        StickyComment(hub, NUMBER).post(DesiredComment("x", True, HEAD, lambda comment: False))
    assert "/no/such.pem" in caught.value.why
