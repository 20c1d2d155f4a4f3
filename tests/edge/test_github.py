"""The one comment on a pull request, judged by what then stands on the stand-in GitHub."""

import pytest

from bot.core.publish import Action
from bot.edge.github import GitHubComments, Posted
from bot.errors import CannotPublish
from bot.report.marker import make_marker, marks
from tests.github import GitHubStandIn, Reset, Status, matcher

REPO, NUMBER = "octo/app", 7
HEAD, BASE, NEWER = "a" * 40, "b" * 40, "c" * 40
BOT = "github-actions[bot]"


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
    wanted: bool = True,
    token: str = "",
) -> Posted:
    token = token or github.token(BOT, issues="write", pull_requests="write")
    return GitHubComments(github.url, token, REPO, NUMBER).post(
        body(text, key, head), wanted=wanted, head_sha=head, is_ours=lambda found: marks(found, key)
    )


def body(text: str, key: str = "k", head: str = HEAD) -> str:
    return f"{make_marker(key, head)}\n{text}"


def standing(github: GitHubStandIn) -> list[str]:
    return [comment.body.split("\n")[-1] for comment in github.comments(REPO, NUMBER)]


def test_the_first_report_is_a_new_comment(github: GitHubStandIn) -> None:
    posted = post(github)
    assert posted.decision.action is Action.CREATE
    assert posted.url.endswith(f"#issuecomment-{github.comments(REPO, NUMBER)[0].id}")


def test_the_next_one_takes_its_place(github: GitHubStandIn) -> None:
    post(github, "old")
    github.push(REPO, NUMBER, NEWER)
    post(github, "new", head=NEWER)
    assert standing(github) == ["new"]


def test_an_older_run_that_ends_later_overwrites_nothing(github: GitHubStandIn) -> None:
    github.push(REPO, NUMBER, NEWER)
    post(github, "new", head=NEWER)
    assert post(github, "old", head=HEAD).decision.action is Action.LEAVE
    assert standing(github) == ["new"]


def test_two_instances_leave_each_other_alone(github: GitHubStandIn) -> None:
    for text in ("1", "2"):
        post(github, f"one {text}", key="one")
        post(github, f"two {text}", key="two")
    assert standing(github) == ["one 2", "two 2"]


def test_it_is_found_behind_many_others(github: GitHubStandIn) -> None:
    for number in range(120):
        github.comment(REPO, NUMBER, "alice", f"words {number}")
    post(github, "old")
    for number in range(120):
        github.comment(REPO, NUMBER, "alice", f"more words {number}")
    post(github, "new")
    assert [text for text in standing(github) if "words" not in text] == ["new"]


def test_somebody_who_copies_our_marker_is_not_us(github: GitHubStandIn) -> None:
    github.comment(REPO, NUMBER, "mallory", body("mine"))
    post(github)
    assert standing(github) == ["mine", "report"]


def test_a_person_s_token_knows_its_own_comments_by_name(github: GitHubStandIn) -> None:
    token = github.token("ann", issues="write", pull_requests="write")
    github.comment(REPO, NUMBER, "bob", body("of bob"))
    post(github, "old", token=token)
    post(github, "new", token=token)
    assert standing(github) == ["of bob", "new"]


def test_extra_copies_are_removed(github: GitHubStandIn) -> None:
    for text in ("first", "second", "third"):
        github.comment(REPO, NUMBER, BOT, body(text))
    post(github, "new")
    assert standing(github) == ["new"]


def test_the_same_words_are_not_written_again(github: GitHubStandIn) -> None:
    post(github)
    before = len([x for x in github.requests if x.method != "GET"])
    posted = post(github)
    assert posted.url
    assert len([x for x in github.requests if x.method != "GET"]) == before


def test_what_is_no_longer_true_is_taken_away(github: GitHubStandIn) -> None:
    post(github)
    assert post(github, wanted=False).url == ""
    assert standing(github) == []


@pytest.mark.parametrize("level", ["none", "read"])
def test_without_the_right_it_says_so(github: GitHubStandIn, level: str) -> None:
    token = github.token(BOT, issues=level, pull_requests=level)
    with pytest.raises(CannotPublish, match="not posted") as caught:
        post(github, token=token)
    assert "403" in caught.value.why or "404" in caught.value.why
    assert "pull-requests: write" in caught.value.fix
    assert standing(github) == []


def test_a_wrong_token_is_told_as_such(github: GitHubStandIn) -> None:
    with pytest.raises(CannotPublish) as caught:
        post(github, token="nonsense")
    assert "401" in caught.value.why


def test_a_read_that_fails_once_is_tried_again(github: GitHubStandIn) -> None:
    github.misbehave(matcher("GET", r".*/comments"), how=Status(502, {"message": "Bad gateway"}))
    post(github)
    assert standing(github) == ["report"]


def test_a_write_whose_answer_is_lost_is_not_written_twice(github: GitHubStandIn) -> None:
    github.misbehave(matcher("POST", r".*/comments"), how=Reset(), after_work=True, times=9)
    with pytest.raises(CannotPublish):
        post(github)
    assert standing(github) == ["report"]


def test_a_server_that_is_not_there(github: GitHubStandIn) -> None:
    comments = GitHubComments("http://127.0.0.1:9", "t", REPO, NUMBER)
    with pytest.raises(CannotPublish, match="could not be reached"):
        comments.post("x", wanted=True, head_sha=HEAD, is_ours=lambda found: False)
