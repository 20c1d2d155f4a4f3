"""The sticky comment of a pull request.

pull_request/comment.py decides what to do; here it is read from and written to GitHub.
"""

from collections.abc import Callable
from dataclasses import dataclass

from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.adapters.github.authors import is_written_by
from bot.adapters.github.client import ApiOperation, GitHubClient, format_time
from bot.pull_request.comment import CommentAction, CommentPlan, ExistingComment, plan_comment

_READ_COMMENT = ApiOperation("The comment could not be read.", "pull-requests: read")
_POST_COMMENT = ApiOperation("The comment was not posted.", "pull-requests: write")
_MAX_ROUNDS = 4
# Each takes a request; anybody may write comments with our marker.
_MAX_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class DesiredComment:
    """The comment, and the head that it reports on; it is created only if it `is_news`."""

    body: str
    is_news: bool
    head_sha: str
    is_ours: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class CommentResult:
    """The action taken on the pull request, and the comment's address."""

    plan: CommentPlan
    url: str


@dataclass(frozen=True, slots=True)
class PostedComment:
    """A comment that this token has written and nobody else has edited."""

    body: str
    written_at: str


class StickyComment:
    """Creates or updates the sticky comment, and deletes copies, so that at most one remains."""

    def __init__(self, github: GitHubClient, pull_number: int) -> None:
        self._github, self._pull_number = github, pull_number

    def post(self, desired: DesiredComment) -> CommentResult:
        """Apply the desired state; raise PublishError if GitHub refuses."""
        return self._github.run(
            _POST_COMMENT, lambda repository: self._reconcile(repository, desired)
        )

    def read(self, is_ours: Callable[[str], bool]) -> PostedComment | None:
        """Return the comment; None if there is none, or if its text may be another author's.

        PublishError if GitHub refuses.
        """
        return self._github.run(_READ_COMMENT, lambda repository: self._read(repository, is_ours))

    def _read(self, repository: Repository, is_ours: Callable[[str], bool]) -> PostedComment | None:
        pull = repository.get_pull(self._pull_number)
        # Anybody can write our marker, but few comments are of a bot: those are asked for.
        for comment in self._list_own_comments(pull, is_ours)[:_MAX_CANDIDATES]:
            if self._github.is_own_text(comment.node_id):
                return PostedComment(comment.body or "", format_time(comment.updated_at))
        return None

    def _reconcile(self, repository: Repository, desired: DesiredComment) -> CommentResult:
        """Read, apply one step and read again, until nothing is left to do.

        So another run that writes at the same time is noticed, and both keep the oldest
        copy. A comment just created may be missing from the list: it is not created again.
        """
        first_plan, url = self._reconcile_once(repository, desired)
        plan, just_created = first_plan, first_plan.action is CommentAction.CREATE
        for _ in range(_MAX_ROUNDS):
            if plan.action is CommentAction.LEAVE and not plan.extra_ids:
                break
            plan, new_url = self._reconcile_once(repository, desired, just_created=just_created)
            just_created |= plan.action is CommentAction.CREATE
            url = new_url or url
        return CommentResult(first_plan, url)

    def _reconcile_once(
        self, repository: Repository, desired: DesiredComment, *, just_created: bool = False
    ) -> tuple[CommentPlan, str]:
        pull = repository.get_pull(self._pull_number)
        comments = self._list_own_comments(pull, desired.is_ours)
        pull.update()  # many pages may have taken long: is ours still the newest head?
        plan = plan_comment(
            [ExistingComment(comment.id, comment.body or "") for comment in comments],
            desired.body,
            is_news=desired.is_news,
            report_head=desired.head_sha,
            current_head=pull.head.sha,
        )
        if just_created and plan.action is CommentAction.CREATE:
            return CommentPlan(CommentAction.LEAVE, "it was created just now"), ""
        return plan, _apply_plan(plan, pull, comments, desired.body)

    def _list_own_comments(
        self, pull: PullRequest, is_ours: Callable[[str], bool]
    ) -> list[IssueComment]:
        """Return our comments of all pages, the oldest first, by marker and author.

        Pages shift when a comment is deleted meanwhile, and one may be skipped: only a
        comment missing twice counts as missing.
        """
        marked = _list_marked_comments(pull, is_ours) or _list_marked_comments(pull, is_ours)
        login = self._github.fetch_login() if marked else None
        return [comment for comment in marked if is_written_by(comment.user, login)]


def _list_marked_comments(pull: PullRequest, is_ours: Callable[[str], bool]) -> list[IssueComment]:
    return [comment for comment in pull.get_issue_comments() if is_ours(comment.body or "")]


def _require_url(comment: IssueComment) -> str:
    """Return the address of a new comment; raise ValueError if the answer has none."""
    if not comment.html_url:
        raise ValueError("the answer to a new comment has no html_url")
    return comment.html_url


def _apply_plan(
    plan: CommentPlan, pull: PullRequest, comments: list[IssueComment], body: str
) -> str:
    """Apply the plan; return the address of the remaining comment, empty for none."""
    by_id = {comment.id: comment for comment in comments}
    for extra_id in plan.extra_ids:
        by_id[extra_id].delete()
    if plan.action is CommentAction.CREATE:
        return _require_url(pull.create_issue_comment(body))
    if plan.comment_id is None:
        return ""
    comment = by_id[plan.comment_id]
    if plan.action is CommentAction.UPDATE:
        comment.edit(body)
    return comment.html_url
