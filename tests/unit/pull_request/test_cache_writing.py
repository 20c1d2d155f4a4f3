"""Caches are written by the default branch, and by a pull request for itself."""

from typing import Any

import pytest

from bot.model.build_cache import CacheWriter
from bot.pull_request.cache_writing import choose_cache_writer
from bot.pull_request.event import PullRequest, read_event, to_pull_request_review

SHA, REPOSITORY = "a" * 40, {"id": 1, "full_name": "o/r", "default_branch": "main"}


def make_pull(head_repository: Any, sender: str = "octocat") -> dict[str, Any]:
    head = {"sha": SHA, "ref": "topic", "repo": head_repository}
    pull = {"number": 7, "head": head, "base": {"ref": "main", "repo": REPOSITORY}}
    sent = {"number": 7, "action": "opened", "sender": {"login": sender}, "repository": REPOSITORY}
    return {**sent, "pull_request": pull}


def make_push(ref: str, *, is_fork: bool = False) -> dict[str, Any]:
    repository = {**REPOSITORY, "fork": is_fork}
    return {"before": "b" * 40, "after": SHA, "ref": ref, "repository": repository}


@pytest.mark.parametrize(
    ("name", "payload", "writer"),
    [
        ("push", make_push("refs/heads/main"), CacheWriter.DEFAULT_BRANCH),
        ("push", make_push("refs/heads/main", is_fork=True), CacheWriter.OTHER),
        ("push", make_push("refs/heads/topic"), CacheWriter.OTHER),
        ("pull_request", make_pull(REPOSITORY), CacheWriter.PULL_REQUEST),
        ("pull_request", make_pull({"id": 2, "full_name": "x/r"}), CacheWriter.OTHER),
        ("pull_request", make_pull(None), CacheWriter.OTHER),
        ("pull_request", make_pull(REPOSITORY, "dependabot[bot]"), CacheWriter.OTHER),
        ("pull_request_target", make_pull(REPOSITORY), CacheWriter.OTHER),
        ("schedule", {}, CacheWriter.OTHER),
        ("workflow_dispatch", {}, CacheWriter.OTHER),
        ("issue_comment", {}, CacheWriter.OTHER),
    ],
)
def test_who_writes_caches(name: str, payload: dict[str, Any], writer: CacheWriter) -> None:
    assert choose_cache_writer(read_event(name, payload, SHA)) is writer


def test_a_run_started_by_hand_for_a_pull_request_writes_for_its_branch_and_so_nothing() -> None:
    event = read_event("workflow_dispatch", {}, SHA)
    review = to_pull_request_review(event, PullRequest(7, SHA, "main"))
    assert choose_cache_writer(review) is CacheWriter.OTHER
