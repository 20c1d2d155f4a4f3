from typing import Any

import pytest

from bot.core.event import BadEvent, Commit, Purpose, Sides, choose_sides, read_event

HEAD, BASE, MERGE = "1" * 40, "2" * 40, "3" * 40
PULL: dict[str, Any] = {
    "action": "synchronize",
    "number": 7,
    "pull_request": {
        "head": {"sha": HEAD},
        "base": {"ref": "main", "sha": "stale"},
        "user": {"login": "ann"},
    },
}


def push(ref: str = "refs/heads/main", **more: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "before": BASE,
        "after": HEAD,
        "repository": {"default_branch": "main"},
        **more,
    }


def test_a_pull_request_whose_merge_commit_is_checked_out() -> None:
    event = read_event("pull_request", PULL, MERGE)
    assert event.purpose is Purpose.REVIEW
    assert choose_sides(event, Commit(MERGE, (BASE, HEAD))) == Sides(head=MERGE, base=BASE)


def test_a_pull_request_whose_head_is_checked_out() -> None:
    event = read_event("pull_request", PULL, MERGE)
    assert choose_sides(event, Commit(HEAD, ("9" * 40,))) == Sides(head=HEAD, fork_of="main")


def test_a_merge_commit_of_something_else_is_not_taken_for_the_pull_requests() -> None:
    """After another push the checked-out merge may be of an older head."""
    event = read_event("pull_request", PULL, MERGE)
    assert choose_sides(event, Commit(MERGE, (BASE, "8" * 40))) == Sides(head=HEAD, fork_of="main")


def test_the_payloads_stale_base_is_never_used() -> None:
    event = read_event("pull_request", PULL, MERGE)
    for checkout in (Commit(MERGE, (BASE, HEAD)), Commit(HEAD), Commit("7" * 40)):
        assert "stale" not in repr(choose_sides(event, checkout))


@pytest.mark.parametrize("name", ["pull_request_target", "workflow_run"])
def test_building_with_foreign_rights_is_refused_with_the_reason(name: str) -> None:
    event = read_event(name, {}, MERGE)
    assert event.purpose is Purpose.REFUSED
    assert name in event.message
    assert "pull_request" in event.message


def test_a_merge_group_is_held_to_the_cap_alone() -> None:
    payload = {"action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE}}
    event = read_event("merge_group", payload, HEAD)
    assert event.sides == Sides(head=HEAD, base=BASE)
    assert "merge queue" in event.skip_growth


def test_pushes() -> None:
    to_default = read_event("push", push(), HEAD)
    assert to_default.sides == Sides(head=HEAD, base=BASE, base_may_be_gone=True)
    assert "default branch" in to_default.skip_growth
    first = read_event("push", push(before="0" * 40), HEAD)
    assert first.sides == Sides(head=HEAD, base_may_be_gone=True)
    to_branch = read_event("push", push("refs/heads/topic"), HEAD)
    assert to_branch.sides == Sides(head=HEAD, fork_of="main")
    assert to_branch.skip_growth == ""


@pytest.mark.parametrize("name", ["workflow_dispatch", "schedule"])
def test_audits(name: str) -> None:
    assert read_event(name, {}, HEAD).purpose is Purpose.AUDIT


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("issue_comment", {}),
        ("release", {}),
        ("pull_request", {**PULL, "action": "closed"}),
        ("merge_group", {"action": "destroyed", "merge_group": {}}),
        ("push", push(deleted=True)),
        ("push", push("refs/tags/v1")),
    ],
)
def test_events_without_work_end_friendly(name: str, payload: dict[str, Any]) -> None:
    event = read_event(name, payload, HEAD)
    assert event.purpose is Purpose.NOTHING
    assert event.message


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("pull_request", {}),
        ("pull_request", {"pull_request": None}),
        ("push", {}),
        ("merge_group", {}),
    ],
)
def test_a_payload_that_lacks_something_is_an_error(name: str, payload: dict[str, Any]) -> None:
    with pytest.raises(BadEvent, match=name):
        read_event(name, payload, HEAD)
