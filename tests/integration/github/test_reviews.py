"""Suggestions on a diff, judged by what a reader of the stand-in GitHub would get."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.github.client import GitHubClient, RetryPolicy
from bot.adapters.github.reviews import GitHubReviews, SuggestionFormat
from bot.errors import PublishError
from bot.model.suggestion import Edit, Suggestion
from bot.pull_request.review_comments import ReviewSuggestion, select_suggestions
from bot.report.formats.suggestion_comment import (
    CLOSED_TEXT,
    read_digest,
    render_review,
    render_suggestion_comment,
)
from tests.support.github import GitHubStandIn, Reset, Status, match_requests
from tests.support.image_world import compared, review
from tests.support.report_cases import HOSTILE
from tests.support.suggestions import accept_all, find_suggestion_block, make_patch

REPO, NUMBER, HEAD, BASE, NEWER = "octo/app", 7, "a" * 40, "b" * 40, "c" * 40
BOT = "github-actions[bot]"
OLD = "FROM debian\nRUN one\nCMD x\n"
NEW = """\
FROM debian
RUN apt-get update
RUN apt-get install -y gcc \\
    make
RUN one
COPY . .
CMD x
"""
LISTS = Edit(
    2,
    4,
    "RUN apt-get update && apt-get install -y gcc make \\\n    && rm -rf /var/lib/apt/lists/*\n",
)
COPY = Edit(6, 6, "COPY src src\n")
MENDED = "FROM debian\n" + LISTS.replacement + "RUN one\nCOPY src src\nCMD x\n"


@pytest.fixture(autouse=True)
def pull_request(github: GitHubStandIn) -> None:
    github.add_repository(REPO)
    files = {"Dockerfile": make_patch(OLD, NEW), "README.md": "@@ -1 +1 @@\n-a\n+b"}
    github.open_pull_request(REPO, NUMBER, HEAD, BASE, "alice", files=files)


def suggestion(*edits: Edit, **fields: object) -> Suggestion:
    values = {"rule": "r", "title": "Do it", "message": "Since.", "confidence": "measured"} | fields
    return Suggestion(**values, edits=edits)  # type: ignore[arg-type]


def post(
    github: GitHubStandIn,
    *suggestions: Suggestion,
    key: str = "k",
    text: str = NEW,
    head: str = HEAD,
    right: str = "write",
    number: int = NUMBER,
) -> int:
    token = github.token(BOT, pull_requests=right)
    hub = GitHubClient(
        github.url, token, REPO, retry_policy=RetryPolicy(timeout_s=1, backoff_s=0.01)
    )
    image = compared("FROM a 1MB", "FROM a 2MB ~2", suggestions=suggestions)
    report = review(replace(image, spec=replace(image.spec, dockerfile="Dockerfile")))
    wording = SuggestionFormat(
        render_comment=lambda offer: render_suggestion_comment(offer, key),
        render_review=render_review,
        closed_text=CLOSED_TEXT,
        read_digest=lambda body: read_digest(body, key),
    )
    return GitHubReviews(hub, number, head, wording).post(
        lambda hunks: select_suggestions(report, hunks, {"Dockerfile": text})
    )


def bodies(github: GitHubStandIn) -> list[str]:
    return [each.body for each in github.review_comments_of(REPO, NUMBER)]


def test_accepting_every_suggestion_gives_the_proposed_dockerfile(github: GitHubStandIn) -> None:
    assert post(github, suggestion(LISTS), suggestion(COPY, rule="other")) == 2
    assert accept_all(github.review_comments_of(REPO, NUMBER), NEW) == MENDED


def test_suggestions_are_one_review_that_does_not_block(github: GitHubStandIn) -> None:
    post(github, suggestion(LISTS), suggestion(COPY, rule="other"))
    (posted_review,) = github.reviews_of(REPO, NUMBER)
    assert (posted_review.state, posted_review.commit) == ("COMMENTED", HEAD)
    assert {each.review for each in github.review_comments_of(REPO, NUMBER)} == {posted_review.id}
    places = [each.position for each in github.review_comments_of(REPO, NUMBER)]
    assert [(place.start_line, place.line) for place in places] == [(2, 4), (None, 6)]


def test_several_edits_of_one_suggestion_belong_together(github: GitHubStandIn) -> None:
    post(github, suggestion(LISTS, COPY))
    assert all("Accept all 2 parts together." in body for body in bodies(github))
    assert accept_all(github.review_comments_of(REPO, NUMBER), NEW) == MENDED


def test_suggestions_are_not_repeated_on_the_next_push(github: GitHubStandIn) -> None:
    assert post(github, suggestion(LISTS)) == 1
    github.push(REPO, NUMBER, NEWER)
    assert post(github, suggestion(LISTS), suggestion(COPY, rule="other"), head=NEWER) == 1
    assert len(bodies(github)) == 2
    assert len(github.reviews_of(REPO, NUMBER)) == 2


def test_a_fixed_suggestion_is_deleted(github: GitHubStandIn) -> None:
    post(github, suggestion(LISTS))
    assert post(github) == 0
    assert bodies(github) == []


def test_a_fixed_suggestion_with_replies_is_closed(github: GitHubStandIn) -> None:
    post(github, suggestion(COPY))
    (ours,) = github.review_comments_of(REPO, NUMBER)
    github.review_comment(
        REPO,
        NUMBER,
        "alice",
        "Why?",
        ours.position,
        commit=HEAD,
        reply_to=ours.id,
        review=ours.review,
    )
    post(github)
    post(github)
    assert bodies(github) == [CLOSED_TEXT, "Why?"]


def test_two_instances_keep_separate_reviews(github: GitHubStandIn) -> None:
    post(github, suggestion(COPY), key="one")
    post(github, key="two")
    assert len(bodies(github)) == 1


def test_comments_of_others_are_unchanged(github: GitHubStandIn) -> None:
    post(github, suggestion(COPY))
    (ours,) = github.review_comments_of(REPO, NUMBER)
    github.review_comment(REPO, NUMBER, "mallory", ours.body, ours.position, commit=HEAD)
    post(github)
    assert [each.author for each in github.review_comments_of(REPO, NUMBER)] == ["mallory"]


def test_at_most_ten_suggestions_are_open(github: GitHubStandIn) -> None:
    text = "".join(f"RUN {number}\n" for number in range(1, 31))
    files = {"Dockerfile": make_patch("", text)}
    github.open_pull_request(REPO, 8, NEWER, BASE, "alice", files=files)
    edits = [Edit(number, number, f"RUN x{number}\n") for number in range(1, 31)]
    many = [suggestion(edit, saving_bytes=edit.line_start) for edit in edits]
    for new in (10, 0):
        assert post(github, *many, text=text, head=NEWER, number=8) == new
    lines = [each.position.line for each in github.review_comments_of(REPO, 8)]
    assert lines == list(range(30, 20, -1))
    assert "20 more are in the report" in github.reviews_of(REPO, 8)[0].body


def test_a_run_for_an_outdated_head_posts_nothing(github: GitHubStandIn) -> None:
    github.push(REPO, NUMBER, NEWER)
    assert post(github, suggestion(COPY)) == 0
    assert bodies(github) == []


def test_a_lost_response_is_not_posted_twice(github: GitHubStandIn) -> None:
    reviews = match_requests("POST", r".*/pulls/7/reviews")
    github.inject_fault(reviews, fault=Reset(), after_work=True)
    post(github, suggestion(COPY))
    assert len(bodies(github)) == 1
    assert len(github.reviews_of(REPO, NUMBER)) == 1


def test_duplicates_of_simultaneous_runs_are_deleted_by_the_next(github: GitHubStandIn) -> None:
    post(github, suggestion(COPY))
    (ours,) = github.review_comments_of(REPO, NUMBER)
    for _ in range(2):
        github.review_comment(REPO, NUMBER, BOT, ours.body, ours.position, commit=HEAD)
    second = github.review_comments_of(REPO, NUMBER)[1]
    github.review_comment(
        REPO, NUMBER, "alice", "Why?", ours.position, commit=HEAD, reply_to=second.id
    )
    assert post(github, suggestion(COPY)) == 0
    assert bodies(github) == [ours.body, "Why?"]
    assert github.review_comments_of(REPO, NUMBER)[0].id == second.id


def test_a_refusal_is_reported(github: GitHubStandIn) -> None:
    with pytest.raises(PublishError, match="suggestions were not posted") as caught:
        post(github, suggestion(COPY), right="read")
    assert "pull-requests: write" in caught.value.fix
    github.inject_fault(match_requests("POST", ".*"), fault=Status(422, {"message": "line"}))
    with pytest.raises(PublishError):
        post(github, suggestion(COPY))
    assert bodies(github) == []


def test_hostile_text_is_rendered_as_text(github: GitHubStandIn) -> None:
    post(github, suggestion(COPY, title=HOSTILE, message=HOSTILE))
    (body,) = bodies(github)
    assert find_suggestion_block(body) == "COPY src src\n"
    assert "@everyone" not in body


TEXTS = st.text(st.sampled_from("`~ab\n #<>!-*"), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_no_replacement_closes_its_suggestion_block(replacement: str) -> None:
    offer = ReviewSuggestion("Dockerfile", 1, 1, replacement, suggestion(COPY), "x")
    ended = replacement if not replacement or replacement.endswith("\n") else f"{replacement}\n"
    assert find_suggestion_block(render_suggestion_comment(offer, "k")) == ended
