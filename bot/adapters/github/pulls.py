"""Pull requests of a repository: which one a commit belongs to, who approved what, what it changes."""

from collections.abc import Mapping

from github import GithubException
from github.IssueEvent import IssueEvent
from github.PullRequest import PullRequest as Found
from github.Repository import Repository

from bot.adapters.github.client import Errand, GitHub
from bot.model.report import Approval
from bot.pull_request import event

_FIND = Errand("The pull request could not be looked up.", "pull-requests: read")
_APPROVAL = Errand("The approval could not be read.", "pull-requests: read")
_STATUS = Errand("The commit status was not set.", "statuses: write")
_MAY_WRITE = ("admin", "write")


class GitHubPulls:
    """Questions about pull requests."""

    def __init__(self, github: GitHub) -> None:
        """Asks nothing yet."""
        self._github = github

    def of_commit(self, sha: str) -> tuple[event.PullRequest, ...]:
        """The open pull requests that end in a commit, forks' too. Asked of GitHub and nobody else."""
        return self._github.run(_FIND, lambda repository: _of_commit(repository, sha))

    def of_run(self, run: event.Run) -> tuple[event.PullRequest, ...]:
        """Those of them that come from the branch which the run was for."""
        return self._github.run(
            _FIND, lambda repository: _of_commit(repository, run.head_sha, _end(run))
        )

    def approval(self, number: int, label: str) -> Approval | None:
        """Who set a label last, and when; None where it is not set now."""
        return self._github.run(_APPROVAL, lambda repository: _approval(repository, number, label))

    def set_status(self, sha: str, context: str, state: str, about: Mapping[str, str]) -> None:
        """A commit status, unless the newest one of its context says the same."""
        self._github.run(
            _STATUS, lambda repository: _set_status(repository, sha, context, state, about)
        )


def _end(run: event.Run) -> tuple[str, str]:
    return run.head_repository.lower(), run.head_ref


def _of_commit(
    repository: Repository, sha: str, end: tuple[str, str] | None = None
) -> tuple[event.PullRequest, ...]:
    return tuple(
        event.PullRequest(pull.number, pull.head.sha, pull.base.ref, pull.user.login)
        for pull in repository.get_commit(sha).get_pulls()
        if pull.state == "open" and pull.head.sha == sha and end in (None, _end_of(pull))
    )


def _end_of(pull: Found) -> tuple[str, str]:
    """The repository and the branch that a pull request comes from; a fork may be gone."""
    return (pull.head.repo.full_name.lower() if pull.head.repo else ""), pull.head.ref


def _approval(repository: Repository, number: int, label: str) -> Approval | None:
    pull = repository.get_pull(number)
    if not any(_is(each.name, label) for each in pull.get_labels()):
        return None
    set_by = [each for each in pull.get_issue_events() if _sets(each, label)]
    if not set_by:
        return Approval(label, "somebody", "a time that GitHub does not tell", counts=False)
    last = max(set_by, key=lambda each: (each.created_at, each.id))
    login = last.actor.login if last.actor else ""
    at = f"{last.created_at:%Y-%m-%d %H:%M} UTC"
    return Approval(label, login or "ghost", at, counts=_may_write(repository, login))


def _sets(found: IssueEvent, label: str) -> bool:
    return found.event == "labeled" and found.label is not None and _is(found.label.name, label)


def _is(name: str, label: str) -> bool:
    """Labels are the same whatever their case."""
    return name.lower() == label.lower()


def _may_write(repository: Repository, login: str) -> bool:
    """Whether somebody may write; an app, or an account that is gone, is nobody's approval."""
    try:
        return bool(login) and repository.get_collaborator_permission(login) in _MAY_WRITE
    except GithubException as problem:
        if problem.status != 404:
            raise
        return False


def _set_status(
    repository: Repository, sha: str, context: str, state: str, about: Mapping[str, str]
) -> None:
    commit = repository.get_commit(sha)
    known = [each for each in commit.get_combined_status().statuses if each.context == context]
    if any((each.state, each.description) == (state, about["description"]) for each in known):
        return
    commit.create_status(state, context=context, **about)
