"""The comments of one pull request, as far as they are ours."""

from collections.abc import Callable
from dataclasses import dataclass

from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.adapters.github.client import ApiOperation, GitHubClient
from bot.pull_request.comment import CommentAction, CommentPlan, ExistingComment, plan_comment

_POST_COMMENT = ApiOperation("The comment was not posted.", "pull-requests: write")
_MAX_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class DesiredComment:
    """The comment that should stand, if any is `wanted`, and the head that it speaks of."""

    body: str
    should_exist: bool
    head_sha: str
    is_ours: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class CommentResult:
    """What was done on the pull request."""

    plan: CommentPlan
    url: str


class StickyComment:
    """Makes exactly one comment of ours stand."""

    def __init__(self, github: GitHubClient, pull_number: int) -> None:
        """Asks nothing yet."""
        self._github, self._pull_number = github, pull_number

    def post(self, desired: DesiredComment) -> CommentResult:
        """Brings about what is wished; PublishError says why it could not be done."""
        return self._github.run(
            _POST_COMMENT, lambda repository: self._reconcile(repository, desired)
        )

    def _reconcile(self, repository: Repository, desired: DesiredComment) -> CommentResult:
        """Reads, does one thing, and looks again, until nothing is left to do.

        So another run that writes at the same time is noticed, and both keep the oldest copy. What
        we have just written may not be on a list yet: that is no reason to write it again.
        """
        first, url = self._reconcile_once(repository, desired)
        decision, created = first, first.action is CommentAction.CREATE
        for _ in range(_MAX_ROUNDS):
            if decision.action is CommentAction.LEAVE and not decision.extra_ids:
                break
            decision, seen = self._reconcile_once(repository, desired, just_created=created)
            created |= decision.action is CommentAction.CREATE
            url = seen or url
        return CommentResult(first, url)

    def _reconcile_once(
        self, repository: Repository, desired: DesiredComment, *, just_created: bool = False
    ) -> tuple[CommentPlan, str]:
        pull = repository.get_pull(self._pull_number)
        comments = self._list_own_comments(pull, desired.is_ours)
        pull.update()  # many pages may have taken long: is ours still the newest head?
        decision = plan_comment(
            [ExistingComment(comment.id, comment.body or "") for comment in comments],
            desired.body,
            should_exist=desired.should_exist,
            report_head=desired.head_sha,
            current_head=pull.head.sha,
        )
        if just_created and decision.action is CommentAction.CREATE:
            return CommentPlan(CommentAction.LEAVE, "it was written just now"), ""
        return decision, _apply_plan(decision, pull, comments, desired.body)

    def _list_own_comments(
        self, pull: PullRequest, is_ours: Callable[[str], bool]
    ) -> list[IssueComment]:
        """Our comments through all pages, the oldest first: marker and author both.

        Pages shift when a comment goes while they are read, and one may be passed over: only what
        is missing twice is missing.
        """
        marked = _list_marked_comments(pull, is_ours) or _list_marked_comments(pull, is_ours)
        login = self._github.fetch_login() if marked else None
        return [x for x in marked if (x.user.login == login if login else x.user.type == "Bot")]


def _list_marked_comments(pull: PullRequest, is_ours: Callable[[str], bool]) -> list[IssueComment]:
    return [comment for comment in pull.get_issue_comments() if is_ours(comment.body or "")]


def _require_url(comment: IssueComment) -> str:
    """Where a comment stands, as the answer to its creation says; ValueError for another answer."""
    if not comment.html_url:
        raise ValueError("the answer to a new comment names none")
    return comment.html_url


def _apply_plan(
    plan: CommentPlan, pull: PullRequest, comments: list[IssueComment], body: str
) -> str:
    """Does what was decided; the address of the comment that stands, empty for none."""
    by_id = {comment.id: comment for comment in comments}
    for extra in plan.extra_ids:
        by_id[extra].delete()
    if plan.action is CommentAction.CREATE:
        return _require_url(pull.create_issue_comment(body))
    if plan.comment_id is None:
        return ""
    comment = by_id[plan.comment_id]
    if plan.action is CommentAction.DELETE:
        comment.delete()
        return ""
    if plan.action is CommentAction.UPDATE:
        comment.edit(body)
    return comment.html_url
