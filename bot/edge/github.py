"""GitHub, by way of PyGithub."""

from collections.abc import Callable
from dataclasses import dataclass

from github import Auth, Github, GithubException
from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from requests.exceptions import RequestException
from urllib3.util import Retry

from bot.core.publish import Action, Decision, Standing, decide
from bot.errors import CannotPublish

_TIMEOUT = 30
# Reads and writes that surely did nothing yet are tried again; a write that may have been taken
# is not, or a comment would stand twice.
_RETRY = Retry(
    total=3, backoff_factor=1, status_forcelist=(502, 503, 504), allowed_methods=("GET",)
)


@dataclass(frozen=True, slots=True)
class Posted:
    """What was done on the pull request."""

    decision: Decision
    url: str


class GitHubComments:
    """The comments of one pull request, as far as they are ours."""

    def __init__(self, api_url: str, token: str, repository: str, number: int) -> None:
        """Asks nothing yet."""
        self._github = Github(
            base_url=api_url,
            auth=Auth.Token(token),
            timeout=_TIMEOUT,
            lazy=True,
            retry=_RETRY,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._repository, self._number = repository, number

    def post(
        self, body: str, *, wanted: bool, head_sha: str, is_ours: Callable[[str], bool]
    ) -> Posted:
        """Makes exactly one comment of ours stand; CannotPublish says why it could not be done."""
        try:
            repository = self._github.get_repo(self._repository)
            pull = repository.get_pull(self._number)
            comments = self._ours(pull, is_ours)
            standing = [Standing(comment.id, comment.body or "") for comment in comments]
            decision = decide(standing, body, wanted=wanted, ours=head_sha, current=pull.head.sha)
            return Posted(decision, self._carry_out(decision, pull, comments, body))
        except GithubException as problem:
            raise _explained(problem) from problem
        except RequestException as problem:
            raise CannotPublish(
                "The comment was not posted: GitHub could not be reached.", str(problem)
            ) from problem
        finally:
            self._github.close()

    def _ours(self, pull: PullRequest, is_ours: Callable[[str], bool]) -> list[IssueComment]:
        """Our comments through all pages, the oldest first: marker and author both."""
        marked = [x for x in pull.get_issue_comments() if is_ours(x.body or "")]
        login = self._login() if marked else None
        return [x for x in marked if (x.user.login == login if login else x.user.type == "Bot")]

    def _login(self) -> str | None:
        """Who we are; None for the token of a workflow or an app, which may not ask."""
        try:
            return self._github.get_user().login
        except GithubException as problem:
            if problem.status not in (401, 403, 404):
                raise
            return None

    def _carry_out(
        self, decision: Decision, pull: PullRequest, comments: list[IssueComment], body: str
    ) -> str:
        """Does what was decided; the address of the comment that stands, empty for none."""
        by_id = {comment.id: comment for comment in comments}
        for extra in decision.extra:
            by_id[extra].delete()
        if decision.action is Action.CREATE:
            return pull.create_issue_comment(body).html_url
        if decision.comment_id is None:
            return ""
        comment = by_id[decision.comment_id]
        if decision.action is Action.DELETE:
            comment.delete()
            return ""
        if decision.action is Action.UPDATE:
            comment.edit(body)
        return comment.html_url


def _explained(problem: GithubException) -> CannotPublish:
    said = problem.data.get("message", "") if isinstance(problem.data, dict) else ""
    why = f"GitHub answered {problem.status}: {said or problem.message or 'without a reason'}"
    if problem.status in (401, 403, 404):
        fix = "give the job `pull-requests: write`; a fork's token cannot have it (docs/forks.md)"
        return CannotPublish("The comment was not posted.", why, fix)
    return CannotPublish("The comment was not posted.", why)
