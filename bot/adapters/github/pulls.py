"""Pull requests on GitHub: by commit, their approval label, and the commit status."""

from collections.abc import Mapping

from github import GithubException
from github.IssueEvent import IssueEvent
from github.PullRequest import PullRequest as ApiPullRequest
from github.Repository import Repository

from bot.adapters.github.client import ApiOperation, GitHubClient, format_time
from bot.model.report import Approval
from bot.pull_request import event
from bot.pull_request.approval_scope import SetLabel

_FIND_PULLS = ApiOperation("The pull request could not be looked up.", "pull-requests: read")
_READ_APPROVAL = ApiOperation("The approval could not be read.", "pull-requests: read")
_SET_STATUS = ApiOperation("The commit status was not set.", "statuses: write")
_FORCE_PUSH_EVENT = "head_ref_force_pushed"
# GET /repos/…/collaborators/…/permission maps the role maintain to write, and triage to read.
_WRITE_PERMISSIONS = ("admin", "write")


class GitHubPulls:
    """Queries about the pull requests of a repository."""

    def __init__(self, github: GitHubClient) -> None:
        self._github = github

    def find_by_commit(self, sha: str) -> tuple[event.PullRequest, ...]:
        """Return the open pull requests with a commit as their head, those of forks too.

        GitHub alone is asked: what a fork's workflow uploaded is not trusted.
        """
        return self._github.run(_FIND_PULLS, lambda repository: _find_by_commit(repository, sha))

    def find_merged(self, sha: str) -> tuple[event.PullRequest, ...]:
        """Return the pull requests of which a commit is the merge."""
        return self._github.run(_FIND_PULLS, lambda repository: _find_merged(repository, sha))

    def find_by_number(self, number: int) -> event.PullRequest:
        """Return a pull request as it is now."""
        return self._github.run(
            _FIND_PULLS, lambda repository: _to_pull_request(repository.get_pull(number))
        )

    def find_by_run(self, run: event.WorkflowRun) -> tuple[event.PullRequest, ...]:
        """Return those of them that come from the branch of a workflow run."""
        return self._github.run(
            _FIND_PULLS,
            lambda repository: _find_by_commit(repository, run.head_sha, _run_source(run)),
        )

    def find_label(self, number: int, label: str) -> SetLabel | None:
        """Return who set a label last, and when; None if it is not set now."""
        return self._github.run(
            _READ_APPROVAL, lambda repository: _find_label(repository, number, label)
        )

    def set_status(self, sha: str, context: str, state: str, details: Mapping[str, str]) -> None:
        """Set a commit status, unless the newest one of its context is the same."""
        self._github.run(
            _SET_STATUS, lambda repository: _set_status(repository, sha, context, state, details)
        )


def _run_source(run: event.WorkflowRun) -> tuple[str, str]:
    return run.head_repository.lower(), run.head_ref


def _find_by_commit(
    repository: Repository, sha: str, source: tuple[str, str] | None = None
) -> tuple[event.PullRequest, ...]:
    return tuple(
        _to_pull_request(pull)
        for pull in repository.get_commit(sha).get_pulls()
        if pull.state == "open" and pull.head.sha == sha and source in (None, _pull_source(pull))
    )


def _find_merged(repository: Repository, sha: str) -> tuple[event.PullRequest, ...]:
    pulls = repository.get_commit(sha).get_pulls()
    return tuple(_to_pull_request(x) for x in pulls if x.merged_at and x.merge_commit_sha == sha)


def _to_pull_request(pull: ApiPullRequest) -> event.PullRequest:
    return event.PullRequest(pull.number, pull.head.sha, pull.base.ref)


def _pull_source(pull: ApiPullRequest) -> tuple[str, str]:
    """Return the repository and branch of a pull request; the fork may be deleted."""
    return (pull.head.repo.full_name.lower() if pull.head.repo else ""), pull.head.ref


def _find_label(repository: Repository, number: int, label: str) -> SetLabel | None:
    pull = repository.get_pull(number)
    head_sha = pull.head.sha  # before the events: those of later pushes are among them then
    if not any(_is_same_label(x.name, label) for x in pull.get_labels()):
        return None
    events = list(pull.get_issue_events())
    label_events = [item for item in events if _sets_label(item, label)]
    if not label_events:
        unknown = Approval(label, "somebody", "an unknown time", is_valid=False)
        return SetLabel(unknown, 0, format_time(pull.created_at), head_sha)
    # Times have whole seconds: of two within one, the later event has the higher number.
    last_event = max(label_events, key=lambda item: (item.created_at, item.id))
    login = last_event.actor.login if last_event.actor else ""
    set_at = last_event.created_at
    pushed_at = [item.created_at for item in events if item.event == _FORCE_PUSH_EVENT]
    return SetLabel(
        Approval(
            label,
            # What GitHub shows for an account that is gone.
            login or "ghost",
            f"{set_at:%Y-%m-%d %H:%M} UTC",
            is_valid=_can_write(repository, login),
        ),
        last_event.id,
        format_time(set_at),
        head_sha,
        is_rewritten=any(time >= set_at for time in pushed_at),
    )


def _sets_label(issue_event: IssueEvent, label: str) -> bool:
    return (
        issue_event.event == "labeled"
        and issue_event.label is not None
        and _is_same_label(issue_event.label.name, label)
    )


def _is_same_label(name: str, label: str) -> bool:
    """Compare label names, which GitHub treats as case-insensitive."""
    return name.lower() == label.lower()


def _can_write(repository: Repository, login: str) -> bool:
    """Return True if a user may write.

    An app or a deleted account approves nothing.
    """
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
    newest = [x for x in commit.get_combined_status().statuses if x.context == context]
    # GitHub keeps at most 1,000 statuses of a commit and context: POST /repos/…/statuses/SHA.
    if any((x.state, x.description) == (state, details["description"]) for x in newest):
        return
    commit.create_status(state, context=context, **details)
