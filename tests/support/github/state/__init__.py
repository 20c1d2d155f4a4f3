"""All that the stand-in knows. Pure: no sockets, no JSON, and the clock is handed in.

The public methods are for tests and for routes alike. Their arguments are plain values, so a state
file can call them by name. Each class adds one subject to the one before: people, threads, talk,
and here the checks and runs.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from tests.support.github.records import Artifact, Branch, CommitStatus, Run
from tests.support.github.state.accounts import ACTIONS_BOT, wall_clock
from tests.support.github.state.comments import CommentState

__all__ = ["ACTIONS_BOT", "State", "wall_clock"]


class State(CommentState):
    """GitHub's memory: what tests put in by hand, and what requests change."""

    def __init__(self, clock: Callable[[], datetime] = wall_clock) -> None:
        super().__init__(clock)
        self.statuses: dict[int, CommitStatus] = {}
        self.runs: dict[int, Run] = {}
        self.artifacts: dict[int, Artifact] = {}

    def set_status(
        self,
        repo: str,
        sha: str,
        creator: str,
        state: str,
        *,
        context: str = "default",
        description: str | None = None,
        target_url: str | None = None,
    ) -> CommitStatus:
        """Set a commit status; the older one of the same context is kept, and hidden."""
        self.account(creator)
        status = CommitStatus(
            next(self._ids), repo, sha, creator, state, context, description, target_url, self.now()
        )
        self.statuses[status.id] = status
        return status

    def statuses_of(self, repo: str, sha: str) -> list[CommitStatus]:
        """Return the newest status of each context."""
        newest = {
            status.context: status
            for status in self.statuses.values()
            if status.repo.lower() == repo.lower() and status.sha == sha
        }
        return list(newest.values())

    def add_run(
        self,
        repo: str,
        head_sha: str,
        *,
        head_repo: str | None = None,
        head_ref: str = "topic",
        event: str = "pull_request",
        path: str = ".github/workflows/build.yml",
        status: str = "completed",
        conclusion: str | None = "success",
        artifacts: Mapping[str, int] | None = None,
    ) -> Run:
        """Add a workflow run; `artifacts` maps artifact names to sizes."""
        if head_repo and head_repo.lower() not in self.repositories:
            self.add_repository(head_repo, fork=True)
        head = Branch(head_repo or repo, head_ref, self.add_commit(repo, head_sha))
        run = Run(next(self._ids), repo, head, event, path, status, conclusion, self.now())
        self.runs[run.id] = run
        for name, size in (artifacts or {}).items():
            artifact = Artifact(next(self._ids), repo, run.id, name, size, False, run.created)
            self.artifacts[artifact.id] = artifact
        return run
