"""The tracking issue of a repository: every audit updates it, and none opens a second one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from github.Issue import Issue
from github.Repository import Repository

from bot.adapters.github.authors import is_written_by
from bot.adapters.github.client import ApiOperation, GitHubClient

_POST_ISSUE = ApiOperation("The tracking issue was not updated.", "issues: write")
# The author of what a job's own token writes; GET /user does not say so.
_WORKFLOW_LOGIN = "github-actions[bot]"


@dataclass(frozen=True, slots=True)
class DesiredIssue:
    """The issue that should exist. `read_time` returns when an issue of ours was written.

    It returns None for any other issue; times are texts that can be compared.
    """

    title: str
    body: str
    made_at: str
    read_time: Callable[[str], str | None]


class TrackingIssue:
    """Opens, reopens or updates the issue so that exactly one remains open."""

    def __init__(self, github: GitHubClient) -> None:
        self._github = github

    def post(self, desired: DesiredIssue) -> str:
        """Write the issue, and return its address; raise PublishError if GitHub refuses."""
        return self._github.run(_POST_ISSUE, lambda repository: self._write(repository, desired))

    def _write(self, repository: Repository, desired: DesiredIssue) -> str:
        """Read, write and read again, so that two audits at once agree on the oldest issue."""
        issues = self._list_own(repository, desired)
        if not issues:
            created = repository.create_issue(desired.title, desired.body)
            # The list may not have it yet.
            issues = self._list_own(repository, desired) or [created]
        first, *extra = issues
        for issue in extra:
            if issue.state == "open":
                issue.edit(state="closed", state_reason="not_planned")
        written_at = desired.read_time(first.body or "") or ""
        if first.state != "open" or (written_at <= desired.made_at and first.body != desired.body):
            _update(first, desired, is_newer=written_at > desired.made_at)
        return first.html_url

    def _list_own(self, repository: Repository, desired: DesiredIssue) -> list[Issue]:
        """Return our issues, open or closed, the oldest first, by marker and author."""
        login = self._github.fetch_login()
        by_creator = repository.get_issues(
            state="all",
            creator=login or _WORKFLOW_LOGIN,  # type: ignore[arg-type] # a name will do
            sort="created",
            direction="asc",
        )
        issues = _select_own(by_creator, desired)
        if issues or login:
            return issues
        # The token of an app: its name is unknown, and its issues are a bot's.
        every = repository.get_issues(state="all", sort="created", direction="asc")
        return [x for x in _select_own(every, desired) if is_written_by(x.user, None)]


def _select_own(issues: Iterable[Issue], desired: DesiredIssue) -> list[Issue]:
    return [
        issue
        for issue in issues
        if issue.pull_request is None and desired.read_time(issue.body or "") is not None
    ]


def _update(issue: Issue, desired: DesiredIssue, *, is_newer: bool) -> None:
    """Write the text, unless a later audit has, and open the issue again if it was closed."""
    if is_newer:
        issue.edit(state="open")
    else:
        issue.edit(body=desired.body, state="open")
