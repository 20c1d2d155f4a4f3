"""The stand-in, through unmodified PyGithub and through plain HTTP."""

import json
import re
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

import pytest
from github import Auth, Github, GithubException
from github.PullRequest import PullRequest

from tests.support.github import GitHubStandIn
from tests.support.github.answers import Answer
from tests.support.github.call import Call
from tests.support.github.description import load
from tests.support.github.routes import ROUTES
from tests.support.github.state import ACTIONS_BOT

HEAD, BASE = "a" * 40, "b" * 40
PATCH = "@@ -1,2 +1,3 @@\n FROM debian\n+RUN apt-get install gcc\n CMD app\n@@ -9 +10,2 @@\n x\n+y"


def client(github: GitHubStandIn, token: str, url: str = "") -> Github:
    """Return PyGithub without its pauses and retries."""
    return Github(
        base_url=url or github.url,
        auth=Auth.Token(token),
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


@pytest.fixture
def world(github: GitHubStandIn) -> GitHubStandIn:
    """Yield a repository with a pull request that changes a Dockerfile."""
    github.add_repository("octo/app", collaborators={"alice": "maintain"})
    github.open_pull_request("octo/app", 7, HEAD, BASE, "alice", files={"Dockerfile": PATCH})
    return github


@pytest.fixture
def pull(world: GitHubStandIn) -> PullRequest:
    """Return the pull request, as a workflow with write permission sees it."""
    token = world.token(ACTIONS_BOT, issues="write", pull_requests="write", statuses="write")
    return client(world, token).get_repo("octo/app").get_pull(7)


@pytest.fixture
def lenient() -> Iterator[GitHubStandIn]:
    """Yield a stand-in whose violations the test checks itself."""
    with GitHubStandIn() as stand_in:
        stand_in.add_repository("octo/app")
        stand_in.open_pull_request("octo/app", 7, HEAD, BASE, "alice")
        stand_in.token("alice", value="t", issues="write", pull_requests="write")
        yield stand_in


def plain(
    github: GitHubStandIn,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Send a request without any client library."""
    connection = HTTPConnection("127.0.0.1", github.port, timeout=10)
    sent = {"User-Agent": "test", "Authorization": "Bearer t"} if headers is None else headers
    content = body if body is None or isinstance(body, str) else json.dumps(body)
    connection.request(method, path, body=content, headers=dict(sent))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


def test_a_comment_is_made_edited_and_deleted(world: GitHubStandIn, pull: PullRequest) -> None:
    comment = pull.create_issue_comment("hello")
    assert (comment.user.login, comment.user.type) == (ACTIONS_BOT, "Bot")
    assert comment.html_url.endswith(f"/octo/app/pull/7#issuecomment-{comment.id}")
    comment.edit("héllo")
    assert [each.body for each in world.comments("octo/app", 7)] == ["héllo"]
    assert pull.get_issue_comment(comment.id).body == "héllo"
    comment.delete()
    assert world.comments("octo/app", 7) == []
    with pytest.raises(GithubException, match="404"):
        comment.edit("again")


def test_250_comments_come_in_pages(world: GitHubStandIn, pull: PullRequest) -> None:
    comment_ids = [world.comment("octo/app", 7, "bob", str(number)).id for number in range(250)]
    assert [each.id for each in pull.get_issue_comments()] == comment_ids
    page_requests = [each for each in world.requests if each.path.endswith("/comments")]
    assert len(page_requests) == 9  # 250 in pages of 30
    assert comment_ids == sorted(comment_ids)


@pytest.mark.parametrize(
    ("query", "count", "links"),
    [
        ("per_page=1000", 100, {"next": "2", "last": "3"}),
        ("per_page=100&page=3", 50, {"prev": "2", "first": "1"}),
        ("page=2", 30, {"prev": "1", "next": "3", "last": "9", "first": "1"}),
        ("per_page=100&page=9", 0, {"prev": "3", "first": "1"}),
    ],
)
def test_link_headers_name_the_other_pages(
    world: GitHubStandIn, query: str, count: int, links: dict[str, str]
) -> None:
    for number in range(250):
        world.comment("octo/app", 7, "bob", str(number))
    client_ = client(world, world.token("bob"))
    path = f"/repos/octo/app/issues/7/comments?{query}"
    headers, body = client_.requester.requestJsonAndCheck("GET", path)
    page_links = re.findall(r'[?&]page=(\d+)[^>]*>; rel="(\w+)"', headers["link"])
    assert (len(body), {name: number for number, name in page_links}) == (count, links)


def test_a_forks_token_may_read_and_not_write(world: GitHubStandIn) -> None:
    token = world.token(ACTIONS_BOT, contents="read", issues="read", pull_requests="read")
    pull = client(world, token).get_repo("octo/app").get_pull(7)
    with pytest.raises(GithubException) as refused:
        pull.create_issue_comment("hello")
    assert refused.value.status == 403
    assert refused.value.data == {
        "message": "Resource not accessible by integration",
        "documentation_url": "https://docs.github.com/rest/issues/comments#create-an-issue-comment",
        "status": "403",
    }
    assert list(pull.get_issue_comments()) == []
    assert ("POST", "/repos/octo/app/issues/7/comments", 403) in world.requests


def test_either_right_is_enough_on_a_pull_request_and_not_on_an_issue(world: GitHubStandIn) -> None:
    world.open_issue("octo/app", 8, "bob")
    repo = client(world, world.token(ACTIONS_BOT, pull_requests="write")).get_repo("octo/app")
    repo.get_issue(7).create_comment("allowed")
    with pytest.raises(GithubException, match="403"):
        repo.get_issue(8).create_comment("refused")


def test_a_long_body_is_refused_as_github_refuses_it(pull: PullRequest) -> None:
    pull.create_issue_comment("é" * 65_536)
    with pytest.raises(GithubException) as refused:
        pull.create_issue_comment("x" * 65_537)
    assert refused.value.status == 422
    assert refused.value.data["errors"] == [
        {
            "resource": "IssueComment",
            "code": "unprocessable",
            "field": "data",
            "message": "Body is too long (maximum is 65536 characters)",
        }
    ]


def test_labels_and_who_set_them(world: GitHubStandIn, pull: PullRequest) -> None:
    world.label("octo/app", 7, "image-size-approved", by="alice")
    pull.add_to_labels("Image-Size-Approved", "new & odd?")
    assert [each.name for each in pull.get_labels()] == [
        "image-size-approved",
        "new & odd?",
    ]
    pull.remove_from_labels("new & odd?")
    with pytest.raises(GithubException, match="Label does not exist"):
        pull.remove_from_labels("never")
    events = [(each.event, each.actor.login) for each in pull.get_issue_events()]
    assert events == [("labeled", "alice"), ("labeled", ACTIONS_BOT), ("unlabeled", ACTIONS_BOT)]
    pull.set_labels("other")
    assert world.labels("octo/app", 7) == ["other"]
    pull.delete_labels()
    assert world.labels("octo/app", 7) == []


def test_the_timeline_has_all_events_in_order(world: GitHubStandIn, pull: PullRequest) -> None:
    world.label("octo/app", 7, "ready", by="alice")
    world.comment("octo/app", 7, "bob", "hm")
    pull.create_review(body="well", event="COMMENT")
    world.unlabel("octo/app", 7, "ready", by="alice")
    timeline = pull.as_issue().get_timeline()
    event_names = [each.event for each in timeline]
    assert event_names == ["labeled", "commented", "reviewed", "unlabeled"]


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [("octo", "admin", "admin"), ("alice", "write", "maintain"), ("stranger", "read", "read")],
)
def test_collaborators_have_permissions(
    world: GitHubStandIn, login: str, permission: str, role: str
) -> None:
    world.account("stranger")
    repo = client(world, world.token("bob")).get_repo("octo/app")
    assert repo.get_collaborator_permission(login) == permission
    assert repo.get_collaborator_role_name(login) == role
    with pytest.raises(GithubException, match="404"):
        repo.get_collaborator_permission("nobody")


def test_a_commit_leads_to_its_pull_requests_also_from_forks(world: GitHubStandIn) -> None:
    fork = "f" * 40
    world.open_pull_request("octo/app", 9, fork, BASE, "bob", head_repo="bob/app")
    repo = client(world, world.token(ACTIONS_BOT)).get_repo("octo/app")
    (pull,) = repo.get_commit(fork).get_pulls()
    assert (pull.number, pull.head.repo.full_name, pull.head.repo.fork) == (9, "bob/app", True)
    world.push("octo/app", 9, "e" * 40)
    assert list(repo.get_commit(fork).get_pulls()) == []
    with pytest.raises(GithubException, match="No commit found for SHA"):
        repo.get_commit("d" * 40)


def test_a_review_with_suggestions(world: GitHubStandIn, pull: PullRequest) -> None:
    body = "```suggestion\nRUN true\n```"
    comments = [{"path": "Dockerfile", "line": 3, "start_line": 2, "side": "RIGHT", "body": body}]
    review = pull.create_review(body="Two things", event="COMMENT", comments=comments)  # type: ignore[arg-type]
    assert (review.state, review.commit_id) == ("COMMENTED", HEAD)
    (comment,) = pull.get_review_comments()
    assert (comment.start_line, comment.line, comment.body) == (2, 3, body)
    assert comment.diff_hunk.splitlines()[-1] == " CMD app"
    comment.edit("other")
    assert [each.body for each in world.review_comments_of("octo/app", 7)] == ["other"]
    comment.delete()
    assert pull.review_comments == 0
    assert list(pull.get_review_comments()) == []


@pytest.mark.parametrize(
    ("position", "message"),
    [
        ({"line": 5}, "line must be part of the diff and Pull request review thread diff hunk"),
        ({"line": 3, "side": "LEFT"}, "line must be part of the diff"),
        ({"line": 11, "start_line": 2}, "start line must be part of the same hunk as the line."),
        ({"line": 2, "start_line": 2}, "start line must precede the end line."),
        ({"path": "other", "line": 1}, "Path could not be resolved"),
        ({}, "Line could not be resolved"),
    ],
)
def test_a_review_outside_of_the_diff_posts_nothing(
    world: GitHubStandIn, pull: PullRequest, position: dict[str, Any], message: str
) -> None:
    good = {"path": "Dockerfile", "line": 2, "body": "fine"}
    bad = {"path": "Dockerfile", "body": "not fine", **position}
    with pytest.raises(GithubException) as refused:
        pull.create_review(body="", event="COMMENT", comments=[good, bad])  # type: ignore[list-item]
    assert refused.value.status == 422
    assert message in refused.value.data["errors"][0]
    assert world.reviews_of("octo/app", 7) == []
    assert world.review_comments_of("octo/app", 7) == []


def test_a_single_review_comment(world: GitHubStandIn, pull: PullRequest) -> None:
    commit = pull.base.repo.get_commit(HEAD)
    created = pull.create_review_comment("why?", commit, "Dockerfile", line=2, side="RIGHT")
    reply = pull.create_review_comment_reply(created.id, "because")
    assert reply.in_reply_to_id == created.id
    with pytest.raises(GithubException) as refused:
        pull.create_review_comment("where?", commit, "Dockerfile", line=5)
    message = "pull_request_review_thread.line must be part of the diff"
    assert refused.value.data["errors"][0]["message"] == message


def test_an_installation_has_no_user_and_cannot_approve(
    world: GitHubStandIn, pull: PullRequest
) -> None:
    with pytest.raises(GithubException, match=r"403.*Resource not accessible by integration"):
        assert client(world, world.token(ACTIONS_BOT)).get_user().login
    assert client(world, world.token("alice")).get_user().login == "alice"
    assert client(world, world.token("alice")).get_user(ACTIONS_BOT).type == "Bot"
    with pytest.raises(GithubException, match="not permitted to approve"):
        pull.create_review(event="APPROVE")


def test_commit_statuses_are_combined(world: GitHubStandIn, pull: PullRequest) -> None:
    commit = pull.base.repo.get_commit(HEAD)
    assert commit.get_combined_status().state == "pending"
    commit.create_status("failure", "https://example.org/1", "too big", "image-size")
    commit.create_status("success", "https://example.org/1", "approved", "image-size")
    combined = commit.get_combined_status()
    assert (combined.state, combined.total_count) == ("success", 1)
    with pytest.raises(GithubException, match="422"):
        commit.create_status("success", description="x" * 141)
    assert len(world.statuses) == 2


def test_runs_of_forks_name_no_pull_request(world: GitHubStandIn) -> None:
    fork = "f" * 40
    world.open_pull_request("octo/app", 9, fork, BASE, "bob", head_repo="bob/app")
    own = world.add_run("octo/app", HEAD, artifacts={"report": 12})
    strange = world.add_run("octo/app", fork, head_repo="bob/app")
    repo = client(world, world.token(ACTIONS_BOT, actions="read")).get_repo("octo/app")
    assert [each.number for each in repo.get_workflow_run(own.id).pull_requests] == [7]
    assert repo.get_workflow_run(strange.id).pull_requests == []
    (artifact,) = repo.get_workflow_run(own.id).get_artifacts()
    assert (artifact.name, artifact.size_in_bytes) == ("report", 12)


def test_files_of_a_pull_request(pull: PullRequest) -> None:
    (changed,) = pull.get_files()
    assert (changed.filename, changed.additions, changed.patch) == ("Dockerfile", 2, PATCH)


def test_a_private_repository_is_not_found(world: GitHubStandIn) -> None:
    world.add_repository("octo/secret", private=True)
    world.open_pull_request("octo/secret", 1, HEAD, BASE, "alice")
    with pytest.raises(GithubException, match="404"):
        client(world, world.token("bob", issues="write")).get_repo("octo/secret")
    allowed_client = client(world, world.token(ACTIONS_BOT, sees=["octo/secret"], contents="read"))
    repo = allowed_client.get_repo("octo/secret")
    assert repo.private
    with pytest.raises(GithubException, match="403"):
        repo.get_issue(1)


def test_minimized_comments_are_recorded(world: GitHubStandIn, pull: PullRequest) -> None:
    comment = pull.create_issue_comment("old news")
    assert comment.minimize("OUTDATED")
    (mutation,) = world.graphql
    sent = {"input": {"subjectId": f"IC_{comment.id}", "classifier": "OUTDATED"}}
    assert (mutation.name, mutation.login, mutation.variables) == (
        "minimizeComment",
        ACTIONS_BOT,
        sent,
    )


def test_an_enterprise_server_has_a_prefix(world: GitHubStandIn) -> None:
    token = world.token("alice", issues="write")
    pull = client(world, token, world.enterprise_url).get_repo("octo/app").get_pull(7)
    comment = pull.create_issue_comment("hello")
    assert comment.url.startswith(f"{world.enterprise_url}/repos/octo/app/issues/comments/")
    comment.minimize()
    assert world.requests[-1].path == "/api/graphql"


def test_an_etag_gives_304(world: GitHubStandIn, pull: PullRequest) -> None:
    assert pull.update() is False
    world.comment("octo/app", 7, "bob", "news")
    assert pull.update() is True
    assert pull.comments == 1


def test_rate_limits_are_reported(world: GitHubStandIn) -> None:
    limited_client = client(world, world.token(ACTIONS_BOT))
    assert limited_client.get_rate_limit().rate.limit == 1000
    limited_client.get_repo("octo/app")
    assert limited_client.rate_limiting == (998, 1000)


def test_a_request_without_user_agent_is_refused(lenient: GitHubStandIn) -> None:
    status, body = plain(lenient, "GET", "/repos/octo/app", headers={})
    assert (status, body["message"].endswith("User-Agent header is missing.")) == (403, True)


def test_unknown_and_missing_tokens_are_handled(lenient: GitHubStandIn) -> None:
    wrong = {"User-Agent": "test", "Authorization": "Bearer wrong"}
    assert plain(lenient, "GET", "/repos/octo/app", headers=wrong)[0] == 401
    nobody = {"User-Agent": "test"}
    assert plain(lenient, "GET", "/repos/octo/app", headers=nobody)[0] == 200
    path, payload = "/repos/octo/app/issues/7/comments", {"body": "hello"}
    assert plain(lenient, "POST", path, payload, headers=nobody)[0] == 401
    assert lenient.violations == []


@pytest.mark.parametrize(
    ("request_line", "body", "status", "reason"),
    [
        ("POST /issues/7/comments", {}, 422, "'body' is a required property"),
        ("POST /issues/7/comments", {"body": 7}, 422, "7 is not of type 'string'"),
        ("POST /issues/7/comments", None, 422, "the body is missing"),
        ("POST /issues/7/comments", "{", 400, "the body is no JSON"),
        ("POST /issues/7/labels", [], 422, "[] should be non-empty"),
        ("POST /pulls/7/reviews", {"event": "LIKE"}, 422, "'LIKE' is not one of"),
        ("GET /issues/7/comments?perpage=9", None, 422, "'perpage' is not in the description"),
        ("GET /issues/7/comments?page=two", None, 422, "'two' is not of type 'integer'"),
        ("GET /issues/seven", None, 422, "'seven' is not of type 'integer'"),
        ("GET /issues/7", {"body": ""}, 422, "issues/get takes no body"),
        ("PATCH /issues/7/comments", {"body": ""}, 404, "the stand-in serves no such operation"),
    ],
)
def test_an_invalid_request_is_refused_and_recorded(
    lenient: GitHubStandIn, request_line: str, body: Any, status: int, reason: str
) -> None:
    method, path = request_line.split(" ")
    assert plain(lenient, method, f"/repos/octo/app{path}", body)[0] == status
    (violation,) = lenient.violations
    assert violation.side == "request"
    assert reason in violation.reason


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (Answer(200, {"id": 7}), "'full_name' is a required property"),
        (Answer(201, {}), "has no answer with status 201"),
        (Answer(200), "None is not of type 'object'"),
    ],
)
def test_an_invalid_answer_is_withheld_and_recorded(broken: Answer, reason: str) -> None:
    def route(_: Call) -> Answer:
        return broken

    with GitHubStandIn(routes={**ROUTES, "repos/get": route}) as stand_in:
        stand_in.token("alice", value="t")
        status, body = plain(stand_in, "GET", "/repos/octo/app")
    assert (status, "violates GitHub's description" in body["message"]) == (500, True)
    assert {each.side for each in stand_in.violations} == {"answer"}
    assert any(reason in each.reason for each in stand_in.violations)


def test_wrong_times_and_urls_are_detected() -> None:
    match = load().find("GET", "/repos/octo/app/issues/7/comments")
    assert match
    with GitHubStandIn() as stand_in:
        stand_in.add_repository("octo/app")
        stand_in.open_issue("octo/app", 7, "alice")
        stand_in.comment("octo/app", 7, "alice", "hello")
        stand_in.token("alice", value="t")
        _, comments = plain(stand_in, "GET", "/repos/octo/app/issues/7/comments")
    check = load().answer_problems
    assert check(match.operation, 200, comments) == []
    assert check(match.operation, 200, [{**comments[0], "created_at": "yesterday"}])
    assert check(match.operation, 200, [{**comments[0], "html_url": "somewhere"}])


def test_every_operation_is_served_and_every_route_described() -> None:
    assert {each.id for each in load().operations()} == set(ROUTES)


def test_pull_requests_and_issues_share_their_numbers(lenient: GitHubStandIn) -> None:
    with pytest.raises(ValueError, match="octo/app#7 is taken"):
        lenient.open_issue("octo/app", 7, "alice")
    with pytest.raises(ValueError, match="40 hexadecimal digits"):
        lenient.add_commit("octo/app", "abc123")
