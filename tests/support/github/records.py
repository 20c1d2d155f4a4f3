"""The records of the stand-in, plain and frozen.

A change makes a new record in place of the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Literal


class Level(IntEnum):
    """The extent of a right; levels are ordered."""

    NONE = 0
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Token:
    """An access token: its login and its rights.

    `sees` names the private repositories that exist for this token. Public ones exist for all.
    """

    value: str
    login: str
    kind: Literal["user", "installation"]
    rights: Mapping[str, Level] = field(default_factory=dict)
    sees: frozenset[str] = frozenset()

    def level(self, right: str) -> Level:
        """Return the level of a right; none if it was not granted, as in `permissions`."""
        return self.rights.get(right, Level.NONE)


@dataclass(frozen=True)
class Account:
    """A person or an app."""

    id: int
    login: str
    created: datetime

    @property
    def kind(self) -> str:
        """Return `Bot` for an app's account, which GitHub marks by its login, else `User`."""
        return "Bot" if self.login.endswith("[bot]") else "User"


@dataclass(frozen=True)
class Repository:
    """A repository; `name` is the full one, `owner/name`."""

    id: int
    name: str
    created: datetime
    private: bool = False
    fork: bool = False
    default_branch: str = "main"
    collaborators: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """Return the account that owns the repository."""
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Label:
    """A label of a repository."""

    id: int
    repo: str
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(frozen=True)
class ChangedFile:
    """A file in a pull request's diff; `patch` holds its hunks, as `git diff` prints them."""

    name: str
    patch: str
    status: str = "modified"


@dataclass(frozen=True)
class Branch:
    """One end of a pull request."""

    repo: str
    ref: str
    sha: str


@dataclass(frozen=True)
class Pull:
    """The fields of a pull request that an issue does not have."""

    head: Branch
    base: Branch
    files: tuple[ChangedFile, ...] = ()
    merge_commit: str | None = None
    merged: bool = False
    draft: bool = False


@dataclass(frozen=True)
class Thread:
    """An issue or a pull request: they share their numbers, comments, labels and events."""

    id: int
    repo: str
    number: int
    author: str
    title: str
    body: str
    created: datetime
    updated: datetime
    state: Literal["open", "closed"] = "open"
    labels: tuple[str, ...] = ()
    pull: Pull | None = None


@dataclass(frozen=True)
class Comment:
    """A comment under an issue or pull request."""

    id: int
    repo: str
    number: int
    author: str
    body: str
    created: datetime
    updated: datetime
    editor: str = ""


@dataclass(frozen=True)
class Event:
    """A label set or taken away, by whom and when; a force push has no label."""

    id: int
    repo: str
    number: int
    kind: Literal["labeled", "unlabeled", "head_ref_force_pushed"]
    actor: str
    label: Label | None
    created: datetime


@dataclass(frozen=True)
class Review:
    """A review as a whole; its comments on lines point at it."""

    id: int
    repo: str
    number: int
    author: str
    body: str
    state: str
    commit: str
    submitted: datetime


@dataclass(frozen=True)
class CommentPosition:
    """The lines of a diff that a review comment refers to; no line is the whole file."""

    path: str
    line: int | None = None
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None


@dataclass(frozen=True)
class ReviewComment:
    """A comment on lines of the diff."""

    id: int
    repo: str
    number: int
    review: int | None
    author: str
    body: str
    commit: str
    position: CommentPosition
    hunk: str
    created: datetime
    updated: datetime
    reply_to: int | None = None


@dataclass(frozen=True)
class CommitStatus:
    """A status of a commit."""

    id: int
    repo: str
    sha: str
    creator: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    created: datetime


@dataclass(frozen=True)
class Run:
    """A run of a workflow."""

    id: int
    repo: str
    head: Branch
    event: str
    path: str
    status: str
    conclusion: str | None
    created: datetime


@dataclass(frozen=True)
class Artifact:
    """A file kept by a run."""

    id: int
    repo: str
    run: int
    name: str
    size: int
    expired: bool
    created: datetime
