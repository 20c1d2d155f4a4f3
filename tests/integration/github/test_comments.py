"""The one comment on a pull request, checked by the comments of the stand-in GitHub."""

import pytest

from bot.adapters.github.client import GitHubClient, RetryPolicy
from bot.adapters.github.comments import CommentResult, DesiredComment, StickyComment
from bot.errors import PublishError
from bot.pull_request.comment import CommentAction
from bot.report.formats.comment_marker import is_own_comment, make_marker
from bot.report.formats.markdown import render_markdown
from tests.support.github import ConcurrentChange, GitHubStandIn, Status, match_requests
from tests.support.github.faults import secondary_rate_limit, unavailable
from tests.support.image_world import compared, review
from tests.support.report_cases import HOSTILE

REPO, NUMBER = "octo/app", 7
HEAD, BASE, NEWER = "a" * 40, "b" * 40, "c" * 40
BOT = "github-actions[bot]"
QUICK = RetryPolicy(timeout_s=1, backoff_s=0.01, max_pause_s=2)


@pytest.fixture(autouse=True)
def pull_request(github: GitHubStandIn) -> None:
    github.add_repository(REPO)
    github.open_pull_request(REPO, NUMBER, HEAD, BASE, "alice")


def post(
    github: GitHubStandIn,
    text: str = "report",
    *,
    key: str = "k",
    head: str = HEAD,
    is_news: bool = True,
    token: str = "",
) -> CommentResult:
    token = token or github.token(BOT, issues="write", pull_requests="write")
    hub = GitHubClient(github.url, token, REPO, retry_policy=QUICK)
    wish = DesiredComment(
        body(text, key, head),
        is_news,
        head,
        is_ours=lambda comment: is_own_comment(comment, key),
    )
    return StickyComment(hub, NUMBER).post(wish)


def body(text: str, key: str = "k", head: str = HEAD) -> str:
    return f"{make_marker(key, head)}\n{text}"


def list_bodies(github: GitHubStandIn) -> list[str]:
    return [comment.body.split("\n")[-1] for comment in github.comments(REPO, NUMBER)]


def test_the_first_report_creates_a_comment(github: GitHubStandIn) -> None:
    posted = post(github)
    assert posted.plan.action is CommentAction.CREATE
    assert posted.url.endswith(f"#issuecomment-{github.comments(REPO, NUMBER)[0].id}")


def test_the_next_report_replaces_the_comment(github: GitHubStandIn) -> None:
    post(github, "old")
    github.push(REPO, NUMBER, NEWER)
    post(github, "new", head=NEWER)
    assert list_bodies(github) == ["new"]


def test_an_older_run_that_ends_later_does_not_overwrite(github: GitHubStandIn) -> None:
    github.push(REPO, NUMBER, NEWER)
    post(github, "new", head=NEWER)
    assert post(github, "old", head=HEAD).plan.action is CommentAction.LEAVE
    assert list_bodies(github) == ["new"]


def test_two_instances_keep_separate_comments(github: GitHubStandIn) -> None:
    for text in ("1", "2"):
        post(github, f"one {text}", key="one")
        post(github, f"two {text}", key="two")
    assert list_bodies(github) == ["one 2", "two 2"]


def test_the_comment_is_found_after_many_pages(github: GitHubStandIn) -> None:
    for number in range(120):
        github.comment(REPO, NUMBER, "alice", f"words {number}")
    post(github, "old")
    for number in range(120):
        github.comment(REPO, NUMBER, "alice", f"more words {number}")
    post(github, "new")
    assert [text for text in list_bodies(github) if "words" not in text] == ["new"]


def test_a_copied_marker_of_another_author_is_ignored(github: GitHubStandIn) -> None:
    github.comment(REPO, NUMBER, "mallory", body("mine"))
    post(github)
    assert list_bodies(github) == ["mine", "report"]


def test_a_personal_token_recognises_its_comments_by_login(github: GitHubStandIn) -> None:
    token = github.token("ann", issues="write", pull_requests="write")
    github.comment(REPO, NUMBER, "bob", body("of bob"))
    post(github, "old", token=token)
    post(github, "new", token=token)
    assert list_bodies(github) == ["of bob", "new"]


def test_extra_copies_are_removed(github: GitHubStandIn) -> None:
    for text in ("first", "second", "third"):
        github.comment(REPO, NUMBER, BOT, body(text))
    post(github, "new")
    assert list_bodies(github) == ["new"]


def test_an_unchanged_report_is_not_written_again(github: GitHubStandIn) -> None:
    post(github)
    before = len([x for x in github.requests if x.method != "GET"])
    posted = post(github)
    assert posted.url
    assert len([x for x in github.requests if x.method != "GET"]) == before


def test_without_news_a_comment_is_updated_and_none_is_created(github: GitHubStandIn) -> None:
    assert post(github, "new", is_news=False).url == ""
    assert list_bodies(github) == []
    post(github)
    assert post(github, "new", is_news=False).url
    assert list_bodies(github) == ["new"]


@pytest.mark.parametrize("level", ["none", "read"])
def test_a_missing_permission_is_reported(github: GitHubStandIn, level: str) -> None:
    token = github.token(BOT, issues=level, pull_requests=level)
    with pytest.raises(PublishError, match="not posted") as caught:
        post(github, token=token)
    assert "403" in caught.value.why or "404" in caught.value.why
    assert "pull-requests: write" in caught.value.fix
    assert list_bodies(github) == []


def test_a_wrong_token_is_reported(github: GitHubStandIn) -> None:
    with pytest.raises(PublishError) as caught:
        post(github, token="nonsense")
    assert "401" in caught.value.why
    assert "check github-token" in caught.value.fix


def test_a_read_that_fails_once_is_retried(github: GitHubStandIn) -> None:
    github.inject_fault(
        match_requests("GET", r".*/comments"), fault=Status(502, {"message": "Bad gateway"})
    )
    post(github)
    assert list_bodies(github) == ["report"]


def test_an_unreachable_server_is_an_error() -> None:
    comments = StickyComment(
        GitHubClient("http://127.0.0.1:9", "t", REPO, retry_policy=QUICK), NUMBER
    )
    with pytest.raises(PublishError, match="could not be reached"):
        comments.post(
            DesiredComment("x", is_news=True, head_sha=HEAD, is_ours=lambda comment: False)
        )


def test_a_long_comment_of_two_hundred_images_is_accepted(github: GitHubStandIn) -> None:
    worlds = [
        compared(
            "FROM a 10MB",
            f"FROM a 10MB / RUN {HOSTILE} {number}MB",
            name=f"service-{number} {HOSTILE}",
        )
        for number in range(1, 201)
    ]
    page = render_markdown(review(*worlds), marker=make_marker("k", HEAD))
    token = github.token(BOT, issues="write", pull_requests="write")
    wish = DesiredComment(
        page, is_news=True, head_sha=HEAD, is_ours=lambda comment: is_own_comment(comment, "k")
    )
    assert StickyComment(GitHubClient(github.url, token, REPO), NUMBER).post(wish).url
    assert [comment.body for comment in github.comments(REPO, NUMBER)] == [page]


def test_a_comment_skipped_by_shifting_pages_is_still_found(
    github: GitHubStandIn,
) -> None:
    """A comment deleted during the read shifts the next page's first comment out of view."""
    for number in range(100):
        github.comment(REPO, NUMBER, "alice", f"words {number}")
    post(github, "old")
    first = github.comments(REPO, NUMBER)[0]
    github.inject_fault(
        match_requests("GET", r".*/comments"),
        fault=ConcurrentChange(lambda: github.delete_comment(first.id)),
        after_work=True,
    )
    post(github, "new")
    assert [text for text in list_bodies(github) if "words" not in text] == ["new"]


def test_two_runs_at_the_same_time_leave_one_comment(github: GitHubStandIn) -> None:
    """The other run creates its comment between our look and our own."""
    github.inject_fault(
        match_requests("POST", r".*/comments"),
        fault=ConcurrentChange(lambda: github.comment(REPO, NUMBER, BOT, body("theirs"))),
    )
    post(github, "ours")
    assert list_bodies(github) == ["ours"]


def test_a_stale_list_does_not_cause_a_second_comment(github: GitHubStandIn) -> None:
    github.inject_fault(match_requests("GET", r".*/comments"), fault=Status(200, []), times=99)
    assert post(github).url
    assert list_bodies(github) == ["report"]


@pytest.mark.parametrize("refusal", [secondary_rate_limit(3600), unavailable(500)])
def test_if_the_own_login_is_unavailable_nothing_is_written(
    github: GitHubStandIn, refusal: Status
) -> None:
    """Else a person's token would not know its own comment again, and write a second one."""
    token = github.token("ann", issues="write", pull_requests="write")
    post(github, "old", token=token)
    github.inject_fault(match_requests("GET", "/user"), fault=refusal, times=99)
    with pytest.raises(PublishError):
        post(github, "new", token=token)
    assert list_bodies(github) == ["old"]


def test_a_push_during_the_read_is_noticed(github: GitHubStandIn) -> None:
    post(github, "old")
    github.inject_fault(
        match_requests("GET", r".*/comments"),
        fault=ConcurrentChange(lambda: github.push(REPO, NUMBER, NEWER)),
    )
    assert post(github, "late").plan.action is CommentAction.LEAVE
    assert list_bodies(github) == ["old"]
