"""The comments of one pull request, as far as they are ours."""

from collections.abc import Callable
from dataclasses import dataclass

from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from github.Repository import Repository

from bot.adapters.github.client import Errand, GitHub
from bot.pull_request.comment import Action, Decision, Standing, decide

_ERRAND = Errand("The comment was not posted.", "pull-requests: write")
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Wish:
    """The comment that should stand, if any is `wanted`, and the head that it speaks of."""

    body: str
    wanted: bool
    head_sha: str
    is_ours: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Posted:
    """What was done on the pull request."""

    decision: Decision
    url: str


class GitHubComments:
    """Makes exactly one comment of ours stand."""

    def __init__(self, github: GitHub, number: int) -> None:
        """Asks nothing yet."""
        self._github, self._number = github, number

    def post(self, wish: Wish) -> Posted:
        """Brings about what is wished; CannotPublish says why it could not be done."""
        return self._github.run(_ERRAND, lambda repository: self._post(repository, wish))

    def _post(self, repository: Repository, wish: Wish) -> Posted:
        """Reads, does one thing, and looks again, until nothing is left to do.

        So another run that writes at the same time is noticed, and both keep the oldest copy. What
        we have just written may not be on a list yet: that is no reason to write it again.
        """
        first, url = self._round(repository, wish)
        decision, created = first, first.action is Action.CREATE
        for _ in range(_ROUNDS):
            if decision.action is Action.LEAVE and not decision.extra:
                break
            decision, seen = self._round(repository, wish, created=created)
            created |= decision.action is Action.CREATE
            url = seen or url
        return Posted(first, url)

    def _round(
        self, repository: Repository, wish: Wish, *, created: bool = False
    ) -> tuple[Decision, str]:
        pull = repository.get_pull(self._number)
        comments = self._ours(pull, wish.is_ours)
        pull.update()  # many pages may have taken long: is ours still the newest head?
        decision = decide(
            [Standing(comment.id, comment.body or "") for comment in comments],
            wish.body,
            wanted=wish.wanted,
            ours=wish.head_sha,
            current=pull.head.sha,
        )
        if created and decision.action is Action.CREATE:
            return Decision(Action.LEAVE, "it was written just now"), ""
        return decision, _carry_out(decision, pull, comments, wish.body)

    def _ours(self, pull: PullRequest, is_ours: Callable[[str], bool]) -> list[IssueComment]:
        """Our comments through all pages, the oldest first: marker and author both.

        Pages shift when a comment goes while they are read, and one may be passed over: only what
        is missing twice is missing.
        """
        marked = _marked(pull, is_ours) or _marked(pull, is_ours)
        login = self._github.login() if marked else None
        return [x for x in marked if (x.user.login == login if login else x.user.type == "Bot")]


def _marked(pull: PullRequest, is_ours: Callable[[str], bool]) -> list[IssueComment]:
    return [comment for comment in pull.get_issue_comments() if is_ours(comment.body or "")]


def _address(comment: IssueComment) -> str:
    """Where a comment stands, as the answer to its creation says; ValueError for another answer."""
    if not comment.html_url:
        raise ValueError("the answer to a new comment names none")
    return comment.html_url


def _carry_out(
    decision: Decision, pull: PullRequest, comments: list[IssueComment], body: str
) -> str:
    """Does what was decided; the address of the comment that stands, empty for none."""
    by_id = {comment.id: comment for comment in comments}
    for extra in decision.extra:
        by_id[extra].delete()
    if decision.action is Action.CREATE:
        return _address(pull.create_issue_comment(body))
    if decision.comment_id is None:
        return ""
    comment = by_id[decision.comment_id]
    if decision.action is Action.DELETE:
        comment.delete()
        return ""
    if decision.action is Action.UPDATE:
        comment.edit(body)
    return comment.html_url
