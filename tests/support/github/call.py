"""One request, as a route sees it: parsed, checked, and with the questions every route asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.support.github.answers import Refusal, not_found
from tests.support.github.records import Level, Pull, Repository, Thread, Token
from tests.support.github.shapes.view import View
from tests.support.github.state import State

_NOT_YOURS = {
    "installation": "Resource not accessible by integration",
    "user": "Resource not accessible by personal access token",
}


@dataclass(frozen=True)
class Call:
    """`values` are the parameters in the path; `path` is the path without its query."""

    view: View
    token: Token | None
    path: str
    values: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def state(self) -> State:
        """Return the state of the stand-in."""
        return self.view.state

    @property
    def login(self) -> str:
        """Return the login of the caller; the route has checked a right before."""
        return self.token.login if self.token else ""

    def repository(self) -> Repository:
        """Return the repository in the path, if this token may see it."""
        name = f"{self.values['owner']}/{self.values['repo']}"
        repository = self.state.repositories.get(name.lower())
        if repository is None or not self._can_see(repository):
            raise not_found()
        return repository

    def _can_see(self, repository: Repository) -> bool:
        if not repository.private:
            return True
        visible = self.token.sees if self.token else frozenset[str]()
        return repository.name.lower() in {each.lower() for each in visible}

    def thread(self) -> Thread:
        """Return the issue or pull request in the path."""
        number = self.values.get("issue_number") or self.values["pull_number"]
        thread = self.state.thread(self.repository().name, int(number))
        if thread is None:
            raise not_found()
        return thread

    def pull(self) -> tuple[Thread, Pull]:
        """Return the pull request in the path; 404 for an issue of that number."""
        thread = self.thread()
        if thread.pull is None:
            raise not_found()
        return thread, thread.pull

    def may_read(self, *rights: str) -> None:
        """Require one of these rights on a private repository; a public one is open."""
        if self.repository().private:
            self._need(Level.READ, rights)

    def may_write(self, *rights: str) -> None:
        """Require one of these rights."""
        if self.token is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "Requires authentication")
        self._need(Level.WRITE, rights)

    def may_write_to(self, thread: Thread) -> None:
        """Require a right to comment: either one on a pull request, `issues` on an issue."""
        self.may_write(*_rights_on(thread))

    def may_read_in(self, thread: Thread) -> None:
        """Require the same rights, for reading."""
        self.may_read(*_rights_on(thread))

    def _need(self, level: Level, rights: tuple[str, ...]) -> None:
        token = self.token
        if token and any(token.level(right) >= level for right in rights):
            return
        accepted = "; ".join(f"{right}={level.name.lower()}" for right in rights)
        message = _NOT_YOURS[token.kind if token else "installation"]
        headers = {"X-Accepted-GitHub-Permissions": accepted}
        raise Refusal(HTTPStatus.FORBIDDEN, message, headers=headers)


def _rights_on(thread: Thread) -> tuple[str, ...]:
    return ("issues", "pull_requests") if thread.pull else ("issues",)
