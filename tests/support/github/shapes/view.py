"""The state and the URLs that every shape needs."""

from dataclasses import dataclass
from datetime import datetime

from tests.support.github.records import Repository, Thread
from tests.support.github.state import State


@dataclass(frozen=True)
class View:
    """`api` and `web` are the addresses that the client itself used, without a slash at the end."""

    state: State
    api: str
    web: str

    def repository(self, name: str) -> Repository:
        """Return a repository that must exist, since a shown object is part of it."""
        return self.state.repositories[name.lower()]

    def repo_url(self, name: str) -> str:
        """Return the API URL of the repository."""
        return f"{self.api}/repos/{self.repository(name).name}"

    def issue_url(self, name: str, number: int) -> str:
        """Return the API URL of the issue, which every pull request is too."""
        return f"{self.repo_url(name)}/issues/{number}"

    def pull_url(self, name: str, number: int) -> str:
        """Return the API URL of the pull request."""
        return f"{self.repo_url(name)}/pulls/{number}"

    def page(self, thread: Thread) -> str:
        """Return the page of an issue or pull request."""
        return f"{self.web}/{thread.repo}/{'pull' if thread.pull else 'issues'}/{thread.number}"

    def page_of(self, name: str, number: int) -> str:
        """Return the page by repository and number."""
        return self.page(self.state.threads[name.lower(), number])

    def association(self, name: str, login: str) -> str:
        """Return an author's association with a repository, as shown beside a comment."""
        repository = self.repository(name)
        if login.lower() == repository.owner.lower():
            return "OWNER"
        collaborators = {each.lower() for each in repository.collaborators}
        return "COLLABORATOR" if login.lower() in collaborators else "NONE"


def format_time(time: datetime) -> str:
    """Format a time as GitHub does: UTC, with a Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
