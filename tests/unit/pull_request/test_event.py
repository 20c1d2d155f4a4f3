from dataclasses import replace
from typing import Any

import pytest

from bot.doc_links import doc_url
from bot.pull_request.event import (
    Activity,
    Commit,
    ComparisonPair,
    Event,
    apply_mode,
    choose_pair,
    read_event,
    to_pull_request_review,
)
from bot.pull_request.payload import BadEvent
from tests.events import NAMES, load

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


def push(ref: str = "refs/heads/main", **fields: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "before": BASE,
        "after": HEAD,
        "repository": {"default_branch": "main"},
        **fields,
    }


def test_a_pull_request_whose_merge_commit_is_checked_out() -> None:
    event = read_event("pull_request", PULL, MERGE)
    assert event.activity is Activity.REVIEW
    assert choose_pair(event, Commit(MERGE, (BASE, HEAD))) == ComparisonPair(head=MERGE, base=BASE)


def test_a_pull_request_whose_head_is_checked_out() -> None:
    event = read_event("pull_request", PULL, MERGE)
    assert choose_pair(event, Commit(HEAD, ("9" * 40,))) == ComparisonPair(
        head=HEAD, merge_base_with="main"
    )


def test_an_unrelated_merge_commit_is_not_the_pull_requests() -> None:
    """After another push the checked-out merge may be of an older head."""
    event = read_event("pull_request", PULL, MERGE)
    assert choose_pair(event, Commit(MERGE, (BASE, "8" * 40))) == ComparisonPair(
        head=HEAD, merge_base_with="main"
    )


def test_the_base_sha_of_the_payload_is_not_used() -> None:
    event = read_event("pull_request", PULL, MERGE)
    for checkout in (Commit(MERGE, (BASE, HEAD)), Commit(HEAD), Commit("7" * 40)):
        assert "stale" not in repr(choose_pair(event, checkout))


def recorded(name: str) -> Event:
    return read_event(name.partition(".")[0], load(name), MERGE)


PURPOSES = {
    "pull_request.opened": Activity.REVIEW,
    "pull_request.synchronize": Activity.REVIEW,
    "pull_request.reopened": Activity.REVIEW,
    "pull_request.labeled": Activity.REVIEW,
    "pull_request.unlabeled": Activity.REVIEW,
    "pull_request.fork": Activity.REVIEW,
    "pull_request.dependabot": Activity.REVIEW,
    "pull_request.closed": Activity.NOTHING,
    "pull_request_target.opened": Activity.REFUSED,
    "merge_group.checks_requested": Activity.REVIEW,
    "merge_group.destroyed": Activity.NOTHING,
    "push.default-branch": Activity.REVIEW,
    "push.new-default-branch": Activity.REVIEW,
    "push.branch": Activity.REVIEW,
    "push.tag": Activity.NOTHING,
    "push.deletion": Activity.NOTHING,
    "workflow_dispatch": Activity.AUDIT,
    "schedule": Activity.AUDIT,
    "workflow_run.fork": Activity.PUBLISH,
    "workflow_run.completed": Activity.NOTHING,  # it ran on workflow_dispatch
    "workflow_run.requested": Activity.NOTHING,
    "issue_comment.created": Activity.NOTHING,
}


@pytest.mark.parametrize("name", NAMES)
def test_each_recorded_event_has_its_mode(name: str) -> None:
    event = recorded(name)
    assert event.activity is PURPOSES[name]
    assert bool(event.message) == (event.activity in (Activity.NOTHING, Activity.REFUSED))


def test_a_workflow_run_of_a_fork_is_identified_by_its_head() -> None:
    run = recorded("workflow_run.fork").workflow_run
    assert run
    assert (run.head_ref, run.head_repository) == ("topic", "mallory/Hello-World")
    assert len(run.head_sha) == 40


def test_a_deleted_fork_publishes_nothing() -> None:
    payload = load("workflow_run.fork")
    payload["workflow_run"]["head_repository"] = None
    event = read_event("workflow_run", payload, HEAD)
    assert (event.activity, "is gone" in event.message) == (Activity.NOTHING, True)


def test_events_with_privileges_over_untrusted_code_are_refused() -> None:
    for event in (
        recorded("pull_request_target.opened"),
        apply_mode(recorded("workflow_run.fork"), "review"),
        apply_mode(recorded("workflow_run.fork"), "audit"),
    ):
        assert event.activity is Activity.REFUSED
        assert event.name in event.message
        assert "Build on `pull_request` instead" in event.message
        assert doc_url("forks") in event.message


@pytest.mark.parametrize("mode", ["review", "audit", "publish"])
def test_an_event_without_work_has_none_in_any_mode(mode: str) -> None:
    for name in ("issue_comment.created", "pull_request.closed", "pull_request_target.opened"):
        event = recorded(name)
        assert apply_mode(event, mode) == event


def test_an_explicit_mode_overrides_the_event() -> None:
    opened = recorded("pull_request.opened")
    assert apply_mode(opened, "auto") == opened
    assert apply_mode(opened, "audit").activity is Activity.AUDIT
    assert apply_mode(opened, "publish").activity is Activity.PUBLISH
    assert apply_mode(recorded("schedule"), "review").activity is Activity.REVIEW
    refused = apply_mode(recorded("push.branch"), "publish")
    assert (refused.activity, "no pull request" in refused.message) == (Activity.REFUSED, True)


def test_a_run_by_hand_on_a_pull_requests_branch_reviews_it() -> None:
    by_hand = recorded("workflow_dispatch")
    pull = recorded("pull_request.opened").pull_request
    assert pull
    event = to_pull_request_review(by_hand, pull)
    assert event == replace(by_hand, activity=Activity.REVIEW, pull_request=pull)
    assert choose_pair(event, Commit(pull.head_sha)) == ComparisonPair(
        head=pull.head_sha, merge_base_with=pull.base_ref
    )


def test_a_merge_group_is_checked_against_the_cap_only() -> None:
    payload = {"action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE}}
    event = read_event("merge_group", payload, HEAD)
    assert event.pair == ComparisonPair(head=HEAD, base=BASE)
    assert "merge queue" in event.skip_growth_reason


def test_pushes() -> None:
    to_default = read_event("push", push(), HEAD)
    assert to_default.pair == ComparisonPair(head=HEAD, base=BASE, base_may_be_missing=True)
    assert "default branch" in to_default.skip_growth_reason
    first = read_event("push", push(before="0" * 40), HEAD)
    assert first.pair == ComparisonPair(head=HEAD, base_may_be_missing=True)
    to_branch = read_event("push", push("refs/heads/topic"), HEAD)
    assert to_branch.pair == ComparisonPair(head=HEAD, merge_base_with="main")
    assert to_branch.skip_growth_reason == ""


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
def test_events_without_work_end_with_a_notice(name: str, payload: dict[str, Any]) -> None:
    event = read_event(name, payload, HEAD)
    assert event.activity is Activity.NOTHING
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
def test_a_payload_without_a_required_field_is_an_error(name: str, payload: dict[str, Any]) -> None:
    with pytest.raises(BadEvent, match=name):
        read_event(name, payload, HEAD)


def test_each_field_of_another_type_is_an_error() -> None:
    """Every field that an event is read from, in turn, as null, a list, a text and a number."""
    wrong = 0
    values: list[Any] = [None, [], {}, "x\n::error::", 7.5, True, "", 10**400]
    for name in NAMES:
        for path in _list_paths(load(name)):
            for value in values:
                payload = load(name)
                _set(payload, path, value)
                try:
                    event = read_event(name.partition(".")[0], payload, MERGE)
                except BadEvent:
                    wrong += 1
                    continue
                _assert_well_formed(event)
    assert wrong > 500


def _list_paths(data: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(data, dict):
        return [path]
    return [path, *(x for name, value in data.items() for x in _list_paths(value, (*path, name)))]


def _set(data: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    if not path:
        data.clear()
        return
    for name in path[:-1]:
        data = data[name]
    data[path[-1]] = value


def _assert_well_formed(event: Event) -> None:
    pull, run, pair = event.pull_request, event.workflow_run, event.pair
    shas = [side.head_sha for side in (pull, run) if side]
    shas += [sha for sha in (pair.head, pair.base) if sha] if pair else []
    for sha in shas:
        assert len(sha) == 40
        assert sha.isalnum()
    if pull:
        assert type(pull.number) is int
        assert type(pull.base_ref) is str
    if run:
        assert type(run.head_ref) is type(run.head_repository) is str


@pytest.mark.parametrize(
    ("name", "lacks_secrets"),
    [
        ("pull_request.opened", False),
        ("pull_request.labeled", False),
        ("pull_request.fork", True),
        ("pull_request.dependabot", True),
    ],
)
def test_a_pull_request_from_elsewhere_lacks_secrets(name: str, *, lacks_secrets: bool) -> None:
    pull = recorded(name).pull_request
    assert pull
    assert pull.lacks_secrets is lacks_secrets


def test_a_pull_request_of_a_deleted_fork_lacks_secrets() -> None:
    payload = load("pull_request.opened")
    payload["pull_request"]["head"]["repo"] = None
    pull = read_event("pull_request", payload, MERGE).pull_request
    assert pull
    assert pull.lacks_secrets


def test_a_person_on_a_pull_request_of_dependabot_has_secrets() -> None:
    payload = load("pull_request.dependabot")
    payload["sender"] = {"login": "alice", "type": "User"}
    pull = read_event("pull_request", payload, MERGE).pull_request
    assert pull
    assert not pull.lacks_secrets


@pytest.mark.parametrize(
    ("name", "login", "lacks_secrets"),
    [
        ("push.branch", "dependabot[bot]", True),
        ("push.branch", "alice", False),
        ("push.default-branch", "dependabot[bot]", False),  # it was agreed to
    ],
)
def test_a_push_of_dependabot_to_its_branch_lacks_secrets(
    name: str, login: str, *, lacks_secrets: bool
) -> None:
    payload = {**load(name), "sender": {"login": login, "type": "Bot"}}
    assert read_event("push", payload, HEAD).lacks_secrets is lacks_secrets


def test_a_run_of_a_fork_lacks_secrets() -> None:
    payload = load("workflow_run.fork")
    run = read_event("workflow_run", payload, HEAD).workflow_run
    assert run
    assert run.lacks_secrets
    payload["workflow_run"]["head_repository"]["full_name"] = payload["repository"]["full_name"]
    run = read_event("workflow_run", payload, HEAD).workflow_run
    assert run
    assert not run.lacks_secrets


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        (f"refs/heads/gh-readonly-queue/main/pr-104-{BASE}", 104),
        (f"gh-readonly-queue/release/pr-1-{HEAD}/pr-7-{BASE}", 7),
        ("refs/heads/gh-readonly-queue/main/pr-104", None),
        (f"refs/heads/main/pr-104-{BASE}", None),
        (f"refs/heads/gh-readonly-queue/main/pr-0-{BASE}", None),
        (f"refs/heads/gh-readonly-queue/main/pr-{'9' * 5_000}-{BASE}", None),
        (None, None),
    ],
)
def test_a_merge_group_names_its_pull_request(ref: str | None, number: int | None) -> None:
    payload = load("merge_group.checks_requested")
    payload["merge_group"]["head_ref"] = ref
    assert read_event("merge_group", payload, HEAD).queued_number == number


def test_the_facts_about_a_label_are_read() -> None:
    labeled = recorded("pull_request.labeled").pull_request_activity
    assert labeled.is_about_label
    assert labeled.sets_label("BUG")
    assert not labeled.sets_label("image-size-approved")
    assert not recorded("pull_request.unlabeled").pull_request_activity.sets_label("bug")
    pushed = recorded("pull_request.synchronize").pull_request_activity
    assert not pushed.is_about_label
    assert pushed.previous_head == "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"


@pytest.mark.parametrize("time", ["yesterday", "2026-01-02", "2026-01-02T03:04:05+01:00", 5])
def test_a_time_of_another_form_is_an_error(time: Any) -> None:
    payload = {**PULL, "pull_request": {**PULL["pull_request"], "updated_at": time}}
    with pytest.raises(BadEvent):
        read_event("pull_request", payload, MERGE)
