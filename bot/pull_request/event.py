"""What an event of GitHub Actions asks of us, and which two commits it lets us compare.

The payloads are those of https://docs.github.com/webhooks; a payload without the expected fields is
a `BadEvent`, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.doc_links import page

_NO_COMMIT = "0" * 40
CAP_ONLY_QUEUE = (
    "in a merge queue only the absolute limit counts: growth was judged on each pull request"
)
CAP_ONLY_PUSH = "on the default branch only the absolute limit counts"
_REFUSED = (
    "{name} runs with the rights of the base repository, and building a Dockerfile runs whatever it "
    "says: a stranger's pull request would run with your token. Build on `pull_request` instead; a "
    "fork's pull request gets its verdict and its summary there; how it gets its comment, too, is "
    f"shown at {page('forks')}"
)
_NO_PULL_REQUEST = (
    "{name} has no pull request to publish a report on: publish on `workflow_run`, or in a later job "
    f"of a `pull_request` workflow, see {page('forks')}"
)


class Purpose(StrEnum):
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
class Run:
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
class Sides:
    """The commits to compare. With `fork_of` set, base is where head forked off that branch; with
    `base_may_be_gone`, a base that nobody has any more (after a forced push) is none.
    """

    head: str
    base: str | None = None
    fork_of: str | None = None
    base_may_be_gone: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event, understood."""

    name: str
    purpose: Purpose
    sha: str = ""
    pull_request: PullRequest | None = None
    sides: Sides | None = None
    skip_growth: str = ""
    message: str = ""
    run: Run | None = None


def read_event(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    """The event of a name, its payload and `GITHUB_SHA`; BadEvent if a field is missing."""
    reader = _READERS.get(name)
    if reader is None:
        message = f"There is nothing to do for the event {name!r}; see {page('events')}"
        return Event(name, Purpose.NOTHING, message=message)
    try:
        return reader(name, payload, sha)
    except (KeyError, TypeError, AttributeError) as problem:
        raise BadEvent(f"the payload of the event {name!r} lacks {problem}") from problem


def in_mode(event: Event, mode: str) -> Event:
    """The event as the input `mode` wants it taken. Nothing is built with a stranger's rights."""
    if mode == "auto" or event.purpose in (Purpose.NOTHING, Purpose.REFUSED):
        return event
    if mode == "publish":
        return _published(event)
    if event.purpose is Purpose.PUBLISH:
        return _refused(event.name, {}, event.sha)
    return replace(event, purpose=Purpose(mode))


def _published(event: Event) -> Event:
    if event.pull_request or event.run:
        return replace(event, purpose=Purpose.PUBLISH)
    message = _NO_PULL_REQUEST.format(name=event.name)
    return replace(event, purpose=Purpose.REFUSED, message=message)


def for_pull_request(event: Event, pull: PullRequest) -> Event:
    """A run that somebody started by hand on a pull request's branch: the pull request's review."""
    return replace(event, purpose=Purpose.REVIEW, pull_request=pull)


def choose_sides(event: Event, checkout: Commit) -> Sides | None:
    """The valid pair of commits, given what the workflow checked out.

    For a pull request it is (merge commit, its first parent) where the merge commit is checked out,
    as `actions/checkout` does; otherwise (the pull request's head, the point where it forked off).
    `pull_request.base.sha` is a stale snapshot and never used.
    """
    pull = event.pull_request
    if pull is None:
        return event.sides
    is_merge = len(checkout.parents) == 2 and checkout.parents[1] == pull.head_sha
    if is_merge:
        return Sides(head=checkout.sha, base=checkout.parents[0])
    return Sides(head=pull.head_sha, fork_of=pull.base_ref)


def _pull_request(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    pull = payload["pull_request"]
    known = PullRequest(
        number=int(payload.get("number") or pull["number"]),
        head_sha=pull["head"]["sha"],
        base_ref=pull["base"]["ref"],
        author=(pull.get("user") or {}).get("login", ""),
    )
    if payload.get("action") == "closed":
        message = f"Pull request #{known.number} is closed: nothing to do."
        return Event(name, Purpose.NOTHING, sha, known, message=message)
    return Event(name, Purpose.REVIEW, sha, known)


def _refused(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    return Event(name, Purpose.REFUSED, sha, message=_REFUSED.format(name=name))


def _workflow_run(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    run = payload["workflow_run"]
    message = ""
    if payload.get("action") != "completed":
        message = "The other workflow's run has not ended yet: nothing to do."
    elif run["event"] != "pull_request":
        message = f"The other workflow ran on {run['event']}, not on a pull request: nothing to do."
    if message:
        return Event(name, Purpose.NOTHING, sha, message=message)
    if not run["head_repository"]:
        message = "The repository that the other workflow's run was for is gone: nothing to do."
        return Event(name, Purpose.NOTHING, sha, message=message)
    known = Run(run["head_sha"], run["head_branch"], run["head_repository"]["full_name"])
    return Event(name, Purpose.PUBLISH, sha, run=known)


def _merge_group(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    group = payload["merge_group"]
    if payload.get("action") == "destroyed":
        return Event(name, Purpose.NOTHING, sha, message="The merge group is gone: nothing to do.")
    sides = Sides(head=group["head_sha"], base=group["base_sha"])
    return Event(name, Purpose.REVIEW, sha, sides=sides, skip_growth=CAP_ONLY_QUEUE)


def _push(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    if payload.get("deleted"):
        return Event(name, Purpose.NOTHING, sha, message="The branch was deleted: nothing to do.")
    before, after, ref = payload["before"], payload["after"], payload["ref"]
    if ref.startswith("refs/tags/"):
        return Event(name, Purpose.NOTHING, sha, message="A tag was pushed: nothing to do.")
    default = payload["repository"]["default_branch"]
    if ref != f"refs/heads/{default}":
        return Event(name, Purpose.REVIEW, sha, sides=Sides(head=after, fork_of=default))
    base = None if before == _NO_COMMIT else before
    sides = Sides(head=after, base=base, base_may_be_gone=True)
    return Event(name, Purpose.REVIEW, sha, sides=sides, skip_growth=CAP_ONLY_PUSH)


def _audit(name: str, payload: Mapping[str, Any], sha: str) -> Event:
    return Event(name, Purpose.AUDIT, sha)


_READERS = {
    "pull_request": _pull_request,
    "pull_request_target": _refused,
    "workflow_run": _workflow_run,
    "merge_group": _merge_group,
    "push": _push,
    "workflow_dispatch": _audit,
    "schedule": _audit,
}
