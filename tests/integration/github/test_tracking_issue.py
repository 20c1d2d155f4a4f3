"""The one issue of a repository's audits, checked by the issues of the stand-in GitHub."""

from functools import partial
from threading import Barrier, Thread

import pytest

from bot.adapters.github.client import GitHubClient, RetryPolicy
from bot.adapters.github.tracking_issue import DesiredIssue, TrackingIssue
from bot.errors import PublishError
from bot.report.formats.issue_marker import make_issue_marker, read_issue_marker
from tests.support.github import GitHubStandIn, Reset, Status, match_requests

REPO, BOT, APP = "octo/app", "github-actions[bot]", "our-own-app[bot]"
MONDAY, TUESDAY = "2026-01-05T05:23:00Z", "2026-01-06T05:23:00Z"
QUICK = RetryPolicy(timeout_s=2, backoff_s=0.01, max_pause_s=2)


@pytest.fixture(autouse=True)
def repository(github: GitHubStandIn) -> None:
    github.add_repository(REPO, collaborators={"alice": "write"})


def post(
    github: GitHubStandIn, text: str, made_at: str = MONDAY, key: str = "k", login: str = BOT
) -> str:
    client = GitHubClient(github.url, github.token(login, issues="write"), REPO, retry_policy=QUICK)
    return TrackingIssue(client).post(wish(text, made_at, key))


def wish(text: str, made_at: str = MONDAY, key: str = "k") -> DesiredIssue:
    body = f"{make_issue_marker(key, made_at)}\n{text}"
    return DesiredIssue("Sizes", body, made_at, partial(read_time, key))


def read_time(key: str, body: str) -> str | None:
    marker = read_issue_marker(body, key)
    return marker.made_at if marker else None


def shown(github: GitHubStandIn) -> list[tuple[int, str, str]]:
    threads = sorted(github.threads_of(REPO), key=lambda thread: thread.number)
    return [(x.number, x.state, x.body.split("\n")[-1]) for x in threads]


@pytest.mark.parametrize("login", [BOT, APP, "alice"])
def test_one_issue_is_opened_and_then_updated(github: GitHubStandIn, login: str) -> None:
    first = post(github, "monday", login=login)
    assert post(github, "tuesday", TUESDAY, login=login) == first
    assert shown(github) == [(1, "open", "tuesday")]
    assert first.endswith("/issues/1")


def test_an_older_audit_that_ends_later_does_not_overwrite(github: GitHubStandIn) -> None:
    post(github, "tuesday", TUESDAY)
    post(github, "monday")
    assert shown(github) == [(1, "open", "tuesday")]


def test_a_closed_issue_is_opened_again(github: GitHubStandIn) -> None:
    post(github, "monday")
    github.close(REPO, 1)
    post(github, "tuesday", TUESDAY)
    assert shown(github) == [(1, "open", "tuesday")]


def test_issues_of_others_and_pull_requests_stay(github: GitHubStandIn) -> None:
    body = f"{make_issue_marker('k', MONDAY)}\nfake"
    github.open_issue(REPO, 1, "alice")
    github.edit_thread(REPO, 1, body=body)
    github.open_pull_request(REPO, 2, "a" * 40, "b" * 40, BOT)
    github.edit_thread(REPO, 2, body=body)
    post(github, "ours")
    assert shown(github) == [(1, "open", "fake"), (2, "open", "fake"), (3, "open", "ours")]


def test_audits_with_other_inputs_have_issues_of_their_own(github: GitHubStandIn) -> None:
    for day in (MONDAY, TUESDAY):
        post(github, f"one {day}", day, "one")
        post(github, f"two {day}", day, "two")
    assert shown(github) == [(1, "open", f"one {TUESDAY}"), (2, "open", f"two {TUESDAY}")]


def test_the_issue_is_found_among_hundreds(github: GitHubStandIn) -> None:
    for number in range(1, 230):
        github.open_issue(REPO, number, BOT)
    post(github, "monday")
    post(github, "tuesday", TUESDAY)
    assert len(github.threads_of(REPO)) == 230


def test_extra_copies_are_closed(github: GitHubStandIn) -> None:
    for number in (1, 2, 3):
        github.open_issue(REPO, number, BOT)
        github.edit_thread(REPO, number, body=wish("old").body)
    post(github, "new", TUESDAY)
    assert shown(github) == [(1, "open", "new"), (2, "closed", "old"), (3, "closed", "old")]


def test_audits_at_the_same_time_leave_one_open_issue(github: GitHubStandIn) -> None:
    barrier, days = Barrier(4), [f"2026-01-0{day}T00:00:00Z" for day in range(1, 5)]

    def run(day: str) -> None:
        barrier.wait()
        post(github, day, day)

    threads = [Thread(target=run, args=(day,)) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post(github, "last", TUESDAY)
    assert [x for x in shown(github) if x[1] == "open"] == [(1, "open", "last")]


@pytest.mark.parametrize("after_work", [False, True])
def test_a_connection_that_breaks_opens_no_second_issue(
    github: GitHubStandIn, after_work: bool
) -> None:
    github.inject_fault(
        match_requests("POST", "/repos/octo/app/issues"), fault=Reset(), after_work=after_work
    )
    post(github, "monday")
    assert shown(github) == [(1, "open", "monday")]


def test_a_token_that_may_not_write_is_named_with_the_permission(github: GitHubStandIn) -> None:
    client = GitHubClient(github.url, github.token(BOT, issues="read"), REPO, retry_policy=QUICK)
    with pytest.raises(PublishError) as caught:
        TrackingIssue(client).post(wish("x"))
    assert "issues: write" in str(caught.value)
    assert shown(github) == []


def test_a_server_that_fails_for_a_while_is_asked_again(github: GitHubStandIn) -> None:
    github.inject_fault(match_requests("GET", "/repos/octo/app/issues"), fault=Status(502))
    post(github, "monday")
    assert shown(github) == [(1, "open", "monday")]
