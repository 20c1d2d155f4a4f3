"""What an event of GitHub Actions asks of us, and which two commits it lets us compare.

The payloads are those of https://docs.github.com/webhooks; a payload without the expected fields is
a `BadEvent`, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.doc_links import doc_url

_ZERO_SHA = "0" * 40
GROWTH_SKIPPED_IN_MERGE_QUEUE = (
    "in a merge queue only the absolute limit counts: growth was judged on each pull request"
)
GROWTH_SKIPPED_ON_PUSH = "on the default branch only the absolute limit counts"
_REFUSED_MESSAGE = (
    "{name} runs with the rights of the base repository, and building a Dockerfile runs whatever it "
    "says: a stranger's pull request would run with your token. Build on `pull_request` instead; a "
    "fork's pull request gets its verdict and its summary there; how it gets its comment, too, is "
    f"shown at {doc_url('forks')}"
)
_NO_PULL_REQUEST_MESSAGE = (
    "{name} has no pull request to publish a report on: publish on `workflow_run`, or in a later job "
    f"of a `pull_request` workflow, see {doc_url('forks')}"
)


class Activity(StrEnum):
    """What is to be done about an event."""

    REVIEW = "review"
    AUDIT = "audit"
    PUBLISH = "publish"
    NOTHING = "nothing"
    REFUSED = "refused"


class BadEvent(ValueError):
    """A payload that lacks what its event always has."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The pull request behind an event."""

    number: int
    head_sha: str
    base_ref: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """The run of another workflow that has ended: what GitHub itself says of it, not its artifacts."""

    head_sha: str
    head_ref: str
    head_repository: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit and its parents, as its object says (a shallow clone hides them from `rev-parse`)."""

    sha: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonPair:
    """The commits to compare. With `fork_of` set, base is where head forked off that branch; with
    `base_may_be_gone`, a base that nobody has any more (after a forced push) is none.
    """

    head: str
    base: str | None = None
    merge_base_with: str | None = None
    base_may_be_missing: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event, understood."""

    name: str
    activity: Activity
    sha: str = ""
    pull_request: PullRequest | None = None
    pair: ComparisonPair | None = None
    skip_growth_reason: str = ""
    message: str = ""
    workflow_run: WorkflowRun | None = None


def read_event(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    """The event of a name, its payload and `GITHUB_SHA`; BadEvent if a field is missing."""
    reader = _READERS.get(name)
    if reader is None:
        message = f"There is nothing to do for the event {name!r}; see {doc_url('events')}"
        return Event(name, Activity.NOTHING, message=message)
    try:
        return reader(name, payload, sha)
    except (KeyError, TypeError, AttributeError) as problem:
        raise BadEvent(f"the payload of the event {name!r} lacks {problem}") from problem


def apply_mode(event: Event, mode: str) -> Event:
    """The event as the input `mode` wants it taken. Nothing is built with a stranger's rights."""
    if mode == "auto" or event.activity in (Activity.NOTHING, Activity.REFUSED):
        return event
    if mode == "publish":
        return _to_publish_event(event)
    if event.activity is Activity.PUBLISH:
        return _refuse(event.name, {}, event.sha)
    return replace(event, activity=Activity(mode))


def _to_publish_event(event: Event) -> Event:
    if event.pull_request or event.workflow_run:
        return replace(event, activity=Activity.PUBLISH)
    message = _NO_PULL_REQUEST_MESSAGE.format(name=event.name)
    return replace(event, activity=Activity.REFUSED, message=message)


def to_pull_request_review(event: Event, pull_request: PullRequest) -> Event:
    """A run that somebody started by hand on a pull request's branch: the pull request's review."""
    return replace(event, activity=Activity.REVIEW, pull_request=pull_request)


def choose_pair(event: Event, checkout: Commit) -> ComparisonPair | None:
    """The valid pair of commits, given what the workflow checked out.

    For a pull request it is (merge commit, its first parent) where the merge commit is checked out,
    as `actions/checkout` does; otherwise (the pull request's head, the point where it forked off).
    `pull_request.base.sha` is a stale snapshot and never used.
    """
    pull = event.pull_request
    if pull is None:
        return event.pair
    is_merge = len(checkout.parents) == 2 and checkout.parents[1] == pull.head_sha
    if is_merge:
        return ComparisonPair(head=checkout.sha, base=checkout.parents[0])
    return ComparisonPair(head=pull.head_sha, merge_base_with=pull.base_ref)


def _read_pull_request(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    pull = payload["pull_request"]
    known = PullRequest(
        number=int(payload.get("number") or pull["number"]),
        head_sha=pull["head"]["sha"],
        base_ref=pull["base"]["ref"],
        author=(pull.get("user") or {}).get("login", ""),
    )
    if payload.get("action") == "closed":
        message = f"Pull request #{known.number} is closed: nothing to do."
        return Event(name, Activity.NOTHING, sha, known, message=message)
    return Event(name, Activity.REVIEW, sha, known)


def _refuse(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    return Event(name, Activity.REFUSED, sha, message=_REFUSED_MESSAGE.format(name=name))


def _read_workflow_run(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    run = payload["workflow_run"]
    message = ""
    if payload.get("action") != "completed":
        message = "The other workflow's run has not ended yet: nothing to do."
    elif run["event"] != "pull_request":
        message = f"The other workflow ran on {run['event']}, not on a pull request: nothing to do."
    if message:
        return Event(name, Activity.NOTHING, sha, message=message)
    if not run["head_repository"]:
        message = "The repository that the other workflow's run was for is gone: nothing to do."
        return Event(name, Activity.NOTHING, sha, message=message)
    known = WorkflowRun(run["head_sha"], run["head_branch"], run["head_repository"]["full_name"])
    return Event(name, Activity.PUBLISH, sha, workflow_run=known)


def _read_merge_group(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    group = payload["merge_group"]
    if payload.get("action") == "destroyed":
        return Event(name, Activity.NOTHING, sha, message="The merge group is gone: nothing to do.")
    sides = ComparisonPair(head=group["head_sha"], base=group["base_sha"])
    return Event(
        name, Activity.REVIEW, sha, pair=sides, skip_growth_reason=GROWTH_SKIPPED_IN_MERGE_QUEUE
    )


def _read_push(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    if payload.get("deleted"):
        return Event(name, Activity.NOTHING, sha, message="The branch was deleted: nothing to do.")
    before, after, ref = payload["before"], payload["after"], payload["ref"]
    if ref.startswith("refs/tags/"):
        return Event(name, Activity.NOTHING, sha, message="A tag was pushed: nothing to do.")
    default = payload["repository"]["default_branch"]
    if ref != f"refs/heads/{default}":
        return Event(
            name, Activity.REVIEW, sha, pair=ComparisonPair(head=after, merge_base_with=default)
        )
    base = None if before == _ZERO_SHA else before
    sides = ComparisonPair(head=after, base=base, base_may_be_missing=True)
    return Event(name, Activity.REVIEW, sha, pair=sides, skip_growth_reason=GROWTH_SKIPPED_ON_PUSH)


def _read_audit(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    return Event(name, Activity.AUDIT, sha)


_READERS = {
    "pull_request": _read_pull_request,
    "pull_request_target": _refuse,
    "workflow_run": _read_workflow_run,
    "merge_group": _read_merge_group,
    "push": _read_push,
    "workflow_dispatch": _read_audit,
    "schedule": _read_audit,
}
