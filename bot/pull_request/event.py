"""Events of GitHub Actions: the activity that each starts, and the commits to compare.

The payloads are described at https://docs.github.com/webhooks; a payload without the expected
fields raises `BadEvent` instead of being guessed at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.doc_links import doc_url
from bot.pull_request.label_activity import PullRequestActivity
from bot.pull_request.payload import (
    BadEvent,
    is_from_dependabot,
    is_from_elsewhere,
    read_number,
    read_optional_text,
    read_sha,
    read_text,
    read_time,
)

# The branch of a merge group ends with the number of its last pull request and its parent.
_QUEUE_REF = re.compile(
    r"(?:refs/heads/)?gh-readonly-queue/.+/pr-(?P<number>[1-9][0-9]{0,17})-[0-9a-f]{40,64}"
)
# GitHub's `before` of a branch that is new.
_ZERO_SHA = "0" * 40
GROWTH_SKIPPED_IN_MERGE_QUEUE = (
    "in a merge queue only the absolute limit counts: growth was judged on each pull request"
)
GROWTH_SKIPPED_ON_PUSH = "on the default branch only the absolute limit counts"
_REFUSED_MESSAGE = (
    "{name} runs with the rights of the base repository, and a build runs the commands of "
    "the Dockerfile: anybody's pull request would run with your token. Build on `pull_request` "
    "instead: there, a fork's pull request gets its verdict and its summary. For its comment, see "
    f"{doc_url('forks')}"
)
_NO_PULL_REQUEST_MESSAGE = (
    "{name} has no pull request to publish a report on: publish on `workflow_run`, or in a later "
    f"job of a `pull_request` workflow, see {doc_url('forks')}"
)


class Activity(StrEnum):
    """The activity that an event starts."""

    REVIEW = "review"  # compare two commits
    AUDIT = "audit"  # measure every image of one commit
    COMPARE = "compare"  # compare images that were built elsewhere
    PUBLISH = "publish"  # post the report of another workflow's run
    NOTHING = "nothing"
    REFUSED = "refused"  # building would run untrusted code with write permissions


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The pull request behind an event; one that `lacks_secrets` is of a fork or of Dependabot."""

    number: int
    head_sha: str
    base_ref: str
    lacks_secrets: bool = False


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A finished run of another workflow, as GitHub describes it; its artifacts are not trusted.

    A run that `lacks_secrets` is of a fork's pull request or of Dependabot's. `run_id` is 0 if it
    is not known.
    """

    head_sha: str
    head_ref: str
    head_repository: str
    lacks_secrets: bool = False
    run_id: int = 0


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit and the parents in its object; a shallow clone hides them from `rev-parse`."""

    sha: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonPair:
    """The commits to compare.

    With `merge_base_with` set, base is the point where head forked off that branch. With
    `base_may_be_missing`, a base that no longer exists (after a force push) counts as none.
    """

    head: str
    base: str | None = None
    merge_base_with: str | None = None
    base_may_be_missing: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event with the activity that it starts.

    A change that `is_accepted` is on the default branch already. `queued_number` is the pull
    request that a group of the merge queue is for. A push that `lacks_secrets` is of Dependabot. A
    push to the default branch `is_of_fork` where that repository is one.
    """

    name: str
    activity: Activity
    sha: str = ""
    pull_request: PullRequest | None = None
    pair: ComparisonPair | None = None
    skip_growth_reason: str = ""
    message: str = ""
    workflow_run: WorkflowRun | None = None
    pull_request_activity: PullRequestActivity = PullRequestActivity()
    queued_number: int | None = None
    is_accepted: bool = False
    lacks_secrets: bool = False
    is_of_fork: bool = False


def read_event(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    """Read an event from its name, its payload and `GITHUB_SHA`.

    Raises BadEvent if a field is missing or of another type.
    """
    reader = _READERS.get(name)
    if reader is None:
        message = f"There is nothing to do for the event {name!r}; see {doc_url('events')}"
        return Event(name, Activity.NOTHING, message=message)
    try:
        return reader(name, payload, sha)
    except (KeyError, TypeError, AttributeError) as problem:
        raise BadEvent(f"the payload of the event {name!r} lacks {problem}") from problem


def apply_mode(event: Event, mode: str) -> Event:
    """Return the event with the activity that the input `mode` asks for.

    It never turns an event into a build that would run a fork's code with write permissions.
    """
    if mode == "auto" or event.activity in (Activity.NOTHING, Activity.REFUSED):
        return event
    if mode == "publish":
        return _to_publish_event(event)
    if event.activity is Activity.PUBLISH:
        return _refuse(event.name, {}, event.sha)
    # To list the images is to plan what the event calls for.
    return event if mode == "images" else replace(event, activity=Activity(mode))


def _to_publish_event(event: Event) -> Event:
    if event.pull_request or event.workflow_run:
        return replace(event, activity=Activity.PUBLISH)
    message = _NO_PULL_REQUEST_MESSAGE.format(name=event.name)
    return replace(event, activity=Activity.REFUSED, message=message)


def to_pull_request_review(event: Event, pull_request: PullRequest) -> Event:
    """Turn a run that was started by hand on a branch into the review of its pull request."""
    return replace(event, activity=Activity.REVIEW, pull_request=pull_request)


def choose_pair(event: Event, checkout: Commit) -> ComparisonPair | None:
    """Choose the commits to compare, given the commit that the workflow checked out.

    For a pull request these are the merge commit and its first parent if `actions/checkout` checked
    out the merge commit, else the pull request's head and the point where it forked off.
    `pull_request.base.sha` is a stale snapshot and never used.
    """
    pull = event.pull_request
    if pull is None:
        return event.pair
    # refs/pull/N/merge: the first parent is the base branch as GitHub merged it.
    is_merge = len(checkout.parents) == 2 and checkout.parents[1] == pull.head_sha
    if is_merge:
        return ComparisonPair(head=checkout.sha, base=checkout.parents[0])
    return ComparisonPair(head=pull.head_sha, merge_base_with=pull.base_ref)


def _read_pull_request(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    pull = payload["pull_request"]
    pull_request = PullRequest(
        number=read_number(payload if payload.get("number") else pull, "number"),
        head_sha=read_sha(pull["head"], "sha"),
        base_ref=read_text(pull["base"], "ref"),
        # `repo` is null where the fork is deleted, and counts as another repository then.
        lacks_secrets="repo" in pull["head"]
        and is_from_elsewhere(payload, pull["head"]["repo"], payload.get("sender")),
    )
    activity = PullRequestActivity(
        action=read_optional_text(payload, "action"),
        label=read_optional_text(payload.get("label") or {}, "name"),
        previous_head=read_optional_text(payload, "before"),
        time=read_time(pull, "updated_at"),
    )
    if activity.action == "closed":
        message = f"Pull request #{pull_request.number} is closed: nothing to do."
        return Event(name, Activity.NOTHING, sha, pull_request, message=message)
    return Event(name, Activity.REVIEW, sha, pull_request, pull_request_activity=activity)


def _refuse(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    return Event(name, Activity.REFUSED, sha, message=_REFUSED_MESSAGE.format(name=name))


def _read_workflow_run(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    run = payload["workflow_run"]
    message = ""
    if payload.get("action") != "completed":
        message = "The other workflow's run has not ended yet: nothing to do."
    # A run on `push` is of this repository, and posts its own report.
    elif run["event"] != "pull_request":
        message = f"The other workflow ran on {run['event']}, not on a pull request: nothing to do."
    if message:
        return Event(name, Activity.NOTHING, sha, message=message)
    if not run["head_repository"]:
        message = "The repository that the other workflow's run was for is gone: nothing to do."
        return Event(name, Activity.NOTHING, sha, message=message)
    workflow_run = WorkflowRun(
        read_sha(run, "head_sha"),
        read_text(run, "head_branch"),
        read_text(run["head_repository"], "full_name"),
        is_from_elsewhere(payload, run["head_repository"], run.get("actor")),
        run["id"] if isinstance(run.get("id"), int) else 0,
    )
    activity = PullRequestActivity(time=read_time(run, "created_at"))
    return Event(
        name,
        Activity.PUBLISH,
        sha,
        workflow_run=workflow_run,
        pull_request_activity=activity,
    )


def _read_merge_group(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    group = payload["merge_group"]
    if payload.get("action") == "destroyed":
        return Event(name, Activity.NOTHING, sha, message="The merge group is gone: nothing to do.")
    pair = ComparisonPair(head=read_sha(group, "head_sha"), base=read_sha(group, "base_sha"))
    queued = _QUEUE_REF.fullmatch(read_optional_text(group, "head_ref"))
    return Event(
        name,
        Activity.REVIEW,
        sha,
        pair=pair,
        skip_growth_reason=GROWTH_SKIPPED_IN_MERGE_QUEUE,
        queued_number=int(queued["number"]) if queued else None,
    )


def _read_push(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    if payload.get("deleted"):
        return Event(name, Activity.NOTHING, sha, message="The branch was deleted: nothing to do.")
    before, after = read_sha(payload, "before"), read_sha(payload, "after")
    ref = read_text(payload, "ref")
    # A tag adds no commit to compare: a release is made of what was reviewed on its branch.
    if ref.startswith("refs/tags/"):
        return Event(name, Activity.NOTHING, sha, message="A tag was pushed: nothing to do.")
    default = read_text(payload["repository"], "default_branch")
    if ref != f"refs/heads/{default}":
        return Event(
            name,
            Activity.REVIEW,
            sha,
            pair=ComparisonPair(head=after, merge_base_with=default),
            lacks_secrets=is_from_dependabot(payload.get("sender")),
        )
    base = None if before == _ZERO_SHA else before
    pair = ComparisonPair(head=after, base=base, base_may_be_missing=True)
    return Event(
        name,
        Activity.REVIEW,
        sha,
        pair=pair,
        skip_growth_reason=GROWTH_SKIPPED_ON_PUSH,
        is_accepted=True,
        is_of_fork=payload["repository"].get("fork") is True,
    )


def _read_audit(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    return Event(name, Activity.AUDIT, sha)


_READERS = {
    "pull_request": _read_pull_request,
    # It has the secrets and a token that writes, also for forks (GitHub Security Lab, "Preventing
    # pwn requests").
    "pull_request_target": _refuse,
    "workflow_run": _read_workflow_run,
    "merge_group": _read_merge_group,
    "push": _read_push,
    "workflow_dispatch": _read_audit,
    "schedule": _read_audit,
}
