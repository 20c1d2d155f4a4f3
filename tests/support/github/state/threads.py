"""Issues and pull requests with their commits, labels and events."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from tests.support.github.records import Branch, ChangedFile, Event, Label, Pull, Thread
from tests.support.github.state.accounts import AccountState, wall_clock

_SHA = re.compile(r"[0-9a-f]{40}")


class ThreadState(AccountState):
    """Issues and pull requests, with their commits, labels and events."""

    def __init__(self, clock: Callable[[], datetime] = wall_clock) -> None:
        super().__init__(clock)
        self.commits: dict[tuple[str, str], datetime] = {}
        self.threads: dict[tuple[str, int], Thread] = {}
        self.events: dict[int, Event] = {}

    def thread(self, repo: str, number: int) -> Thread | None:
        """Return the issue or pull request of that number."""
        return self.threads.get((repo.lower(), number))

    def add_commit(self, repo: str, sha: str) -> str:
        """Add a commit; its SHA must be complete, since short ones are a usual mistake."""
        if not _SHA.fullmatch(sha):
            raise ValueError(f"a commit's name has 40 hexadecimal digits, unlike {sha!r}")
        self.commits.setdefault((repo.lower(), sha), self.now())
        return sha

    def open_issue(self, repo: str, number: int, author: str, title: str = "") -> Thread:
        """Open an issue."""
        return self._open(repo, number, author, title or f"Issue {number}")

    def open_pull_request(
        self,
        repo: str,
        number: int,
        head_sha: str,
        base_sha: str,
        author: str,
        *,
        head_repo: str | None = None,
        head_ref: str = "topic",
        base_ref: str = "",
        title: str = "",
        files: Mapping[str, str] | None = None,
        draft: bool = False,
    ) -> Thread:
        """Open a pull request; `files` maps paths to hunks, `head_repo` is the fork."""
        if head_repo and head_repo.lower() not in self.repositories:
            self.add_repository(head_repo, fork=True)
        head = Branch(head_repo or repo, head_ref, self.add_commit(repo, head_sha))
        self.add_commit(head.repo, head_sha)
        base_ref = base_ref or self.repositories[repo.lower()].default_branch
        base = Branch(repo, base_ref, self.add_commit(repo, base_sha))
        changed = tuple(ChangedFile(name, patch) for name, patch in (files or {}).items())
        pull = Pull(head, base, changed, draft=draft)
        return self._open(repo, number, author, title or f"Pull request {number}", pull)

    def _open(
        self, repo: str, number: int, author: str, title: str, pull: Pull | None = None
    ) -> Thread:
        key = (repo.lower(), number)
        if key in self.threads:
            raise ValueError(f"{repo}#{number} is taken: pull requests and issues share numbers")
        self.account(author)
        now = self.now()
        self.threads[key] = Thread(
            next(self._ids), repo, number, author, title, "", now, now, pull=pull
        )
        return self.threads[key]

    def push(self, repo: str, number: int, head_sha: str, *, force: bool = False) -> Thread:
        """Move the pull request's branch to another commit."""
        thread = self.threads[repo.lower(), number]
        if thread.pull is None:
            raise ValueError(f"{repo}#{number} is an issue and has no branch")
        self.add_commit(repo, head_sha)
        head = replace(thread.pull.head, sha=self.add_commit(thread.pull.head.repo, head_sha))
        if force:
            self._event(thread, "head_ref_force_pushed", None, thread.author)
        return self._touch(thread, pull=replace(thread.pull, head=head))

    def close(self, repo: str, number: int, *, merge_commit: str | None = None) -> Thread:
        """Close the issue or pull request; with a merge commit, it was merged."""
        thread = self.threads[repo.lower(), number]
        pull = thread.pull
        if pull and merge_commit:
            self.add_commit(repo, merge_commit)
            pull = replace(pull, merge_commit=merge_commit, merged=True)
        return self._touch(thread, pull=pull, state="closed")

    def threads_of(self, repo: str) -> list[Thread]:
        """Return the issues and pull requests of a repository."""
        return [thread for (name, _), thread in self.threads.items() if name == repo.lower()]

    def edit_thread(self, repo: str, number: int, **changes: object) -> Thread:
        """Change an issue or pull request: its title, text or state."""
        return self._touch(self.threads[repo.lower(), number], **changes)

    def _touch(self, thread: Thread, **changes: object) -> Thread:
        changed = replace(thread, updated=self.now(), **changes)  # type: ignore[arg-type]
        self.threads[thread.repo.lower(), thread.number] = changed
        return changed

    def labels(self, repo: str, number: int) -> list[str]:
        """Return the names of the labels of an issue or pull request."""
        return list(self.threads[repo.lower(), number].labels)

    def label(self, repo: str, number: int, name: str, by: str) -> None:
        """Set a label; setting it again makes no event."""
        thread = self.threads[repo.lower(), number]
        label = self.repository_label(repo, name)
        if label.name not in thread.labels:
            self._touch(thread, labels=(*thread.labels, label.name))
            self._event(thread, "labeled", label, by)

    def unlabel(self, repo: str, number: int, name: str, by: str) -> None:
        """Remove a label; nothing happens if it is not set."""
        thread = self.threads[repo.lower(), number]
        label = self.repository_label(repo, name)
        if label.name in thread.labels:
            remaining = tuple(each for each in thread.labels if each != label.name)
            self._touch(thread, labels=remaining)
            self._event(thread, "unlabeled", label, by)

    def _event(
        self,
        thread: Thread,
        kind: Literal["labeled", "unlabeled", "head_ref_force_pushed"],
        label: Label | None,
        by: str,
    ) -> None:
        self.account(by)
        event = Event(next(self._ids), thread.repo, thread.number, kind, by, label, self.now())
        self.events[event.id] = event

    def events_of(self, repo: str, number: int) -> list[Event]:
        """Return the events of an issue or pull request, oldest first."""
        key = (repo.lower(), number)
        return [each for each in self.events.values() if _thread_of(each) == key]

    def pulls_of_commit(self, repo: str, sha: str) -> list[Thread]:
        """Return the pull requests with this head or merge commit."""
        return [
            thread
            for thread in self.threads.values()
            if thread.repo.lower() == repo.lower()
            and thread.pull
            and sha in {thread.pull.head.sha, thread.pull.merge_commit}
        ]

    def resolve(self, repo: str, ref: str) -> str | None:
        """Return the commit of a full hash or a branch."""
        if (repo.lower(), ref) in self.commits:
            return ref
        branch = ref.removeprefix("refs/").removeprefix("heads/")
        for thread in reversed(self.threads.values()):
            ends = (thread.pull.head, thread.pull.base) if thread.pull else ()
            for end in ends:
                if end.repo.lower() == repo.lower() and end.ref == branch:
                    return end.sha
        return None


def _thread_of(event: Event) -> tuple[str, int]:
    return event.repo.lower(), event.number
