"""Pull requests of a repository: which one a commit belongs to, who approved what, what it changes."""

from collections.abc import Mapping

from github import GithubException
from github.IssueEvent import IssueEvent
from github.PullRequest import PullRequest as Found
from github.Repository import Repository

from bot.adapters.github.client import ApiOperation, GitHubClient
from bot.model.report import Approval
from bot.pull_request import event

_FIND_PULLS = ApiOperation("The pull request could not be looked up.", "pull-requests: read")
_READ_APPROVAL = ApiOperation("The approval could not be read.", "pull-requests: read")
_SET_STATUS = ApiOperation("The commit status was not set.", "statuses: write")
_WRITE_PERMISSIONS = ("admin", "write")


class GitHubPulls:
    """Questions about pull requests."""

    def __init__(self, github: GitHubClient) -> None:
        """Asks nothing yet."""
        self._github = github

    def find_by_commit(self, sha: str) -> tuple[event.PullRequest, ...]:
        """The open pull requests that end in a commit, forks' too. Asked of GitHub and nobody else."""
        return self._github.run(_FIND_PULLS, lambda repository: _find_by_commit(repository, sha))

    def find_by_run(self, run: event.WorkflowRun) -> tuple[event.PullRequest, ...]:
        """Those of them that come from the branch which the run was for."""
        return self._github.run(
            _FIND_PULLS,
            lambda repository: _find_by_commit(repository, run.head_sha, _run_source(run)),
        )

    def find_approval(self, number: int, label: str) -> Approval | None:
        """Who set a label last, and when; None where it is not set now."""
        return self._github.run(
            _READ_APPROVAL, lambda repository: _find_approval(repository, number, label)
        )

    def set_status(self, sha: str, context: str, state: str, details: Mapping[str, str]) -> None:
        """A commit status, unless the newest one of its context says the same."""
        self._github.run(
            _SET_STATUS, lambda repository: _set_status(repository, sha, context, state, details)
        )


def _run_source(run: event.WorkflowRun) -> tuple[str, str]:
    return run.head_repository.lower(), run.head_ref


def _find_by_commit(
    repository: Repository, sha: str, source: tuple[str, str] | None = None
) -> tuple[event.PullRequest, ...]:
    return tuple(
        event.PullRequest(pull.number, pull.head.sha, pull.base.ref, pull.user.login)
        for pull in repository.get_commit(sha).get_pulls()
        if pull.state == "open" and pull.head.sha == sha and source in (None, _pull_source(pull))
    )


def _pull_source(pull: Found) -> tuple[str, str]:
    """The repository and the branch that a pull request comes from; a fork may be gone."""
    return (pull.head.repo.full_name.lower() if pull.head.repo else ""), pull.head.ref


def _find_approval(repository: Repository, number: int, label: str) -> Approval | None:
    pull = repository.get_pull(number)
    if not any(_is_same_label(each.name, label) for each in pull.get_labels()):
        return None
    set_by = [each for each in pull.get_issue_events() if _sets_label(each, label)]
    if not set_by:
        return Approval(label, "somebody", "a time that GitHub does not tell", is_valid=False)
    last = max(set_by, key=lambda each: (each.created_at, each.id))
    login = last.actor.login if last.actor else ""
    at = f"{last.created_at:%Y-%m-%d %H:%M} UTC"
    return Approval(label, login or "ghost", at, is_valid=_can_write(repository, login))


def _sets_label(issue_event: IssueEvent, label: str) -> bool:
    return (
        issue_event.event == "labeled"
        and issue_event.label is not None
        and _is_same_label(issue_event.label.name, label)
    )


def _is_same_label(name: str, label: str) -> bool:
    """Labels are the same whatever their case."""
    return name.lower() == label.lower()


def _can_write(repository: Repository, login: str) -> bool:
    """Whether somebody may write; an app, or an account that is gone, is nobody's approval."""
    try:
        return bool(login) and repository.get_collaborator_permission(login) in _WRITE_PERMISSIONS
    except GithubException as problem:
        if problem.status != 404:
            raise
        return False


def _set_status(
    repository: Repository, sha: str, context: str, state: str, details: Mapping[str, str]
) -> None:
    commit = repository.get_commit(sha)
    known = [each for each in commit.get_combined_status().statuses if each.context == context]
    if any((each.state, each.description) == (state, details["description"]) for each in known):
        return
    commit.create_status(state, context=context, **details)
