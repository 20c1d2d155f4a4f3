"""Suggestions on the lines of one pull request's diff, as far as they are ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github.PullRequest import PullRequest
from github.PullRequestComment import PullRequestComment
from github.Repository import Repository

from bot.adapters.github.client import Errand, GitHub
from bot.pull_request.review_comments import (
    Fate,
    Hunks,
    Offer,
    Offered,
    capped,
    decide_fates,
    not_yet_offered,
    read_hunks,
)

_ERRAND = Errand("The suggestions were not posted.", "pull-requests: write")
_MOST = 10


@dataclass(frozen=True, slots=True)
class Wording:
    """How offers are written on GitHub, and read again there."""

    comment: Callable[[Offer], str]
    review: Callable[[int, int], str]
    closed: str
    digest: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Our comments on the diff, each with what is known of it."""

    known: tuple[Offered, ...]
    comments: Mapping[int, PullRequestComment]


class GitHubReviews:
    """Makes each offer stand once, and none that no longer holds."""

    def __init__(self, github: GitHub, number: int, head_sha: str, wording: Wording) -> None:
        """Asks nothing yet."""
        self._github, self._number = github, number
        self._head_sha, self._wording = head_sha, wording

    def post(self, choose: Callable[[Mapping[str, Hunks]], Sequence[Offer]]) -> int:
        """Offers what `choose` finds to fit the diff; how many are new. CannotPublish says why not."""
        return self._github.run(_ERRAND, lambda repository: self._post(repository, choose))

    def _post(
        self, repository: Repository, choose: Callable[[Mapping[str, Hunks]], Sequence[Offer]]
    ) -> int:
        pull = repository.get_pull(self._number)
        hunks = {file.filename: read_hunks(file.patch or "") for file in pull.get_files()}
        wanted = choose(hunks)
        standing = self._standing(pull)
        pull.update()
        if pull.head.sha != self._head_sha:
            return 0
        fates = decide_fates(standing.known, wanted)
        for comment_id, fate in fates.items():
            self._treat(standing.comments[comment_id], fate)
        kept = sum(fate is Fate.KEEP for fate in fates.values())
        return self._offer(pull, not_yet_offered(wanted, standing.known), _MOST - kept)

    def _standing(self, pull: PullRequest) -> Standing:
        """Our comments through all pages: marker and author both, as with the one comment."""
        everything = list(pull.get_review_comments())
        digests = {each.id: self._wording.digest(each.body or "") for each in everything}
        marked = [each for each in everything if digests[each.id]]
        login = self._github.login() if marked else None
        ours = [x for x in marked if (x.user.login == login if login else x.user.type == "Bot")]
        answered = {each.in_reply_to_id for each in everything if each.in_reply_to_id}
        known = (
            Offered(each.id, digests[each.id] or "", each.line, each.id in answered)
            for each in ours
        )
        return Standing(tuple(known), {each.id: each for each in ours})

    def _treat(self, comment: PullRequestComment, fate: Fate) -> None:
        if fate is Fate.DELETE:
            comment.delete()
        elif fate is Fate.CLOSE:
            comment.edit(self._wording.closed)

    def _offer(self, pull: PullRequest, offers: Sequence[Offer], room: int) -> int:
        """One review of kind COMMENT, which blocks nobody; the first ones if there are many."""
        chosen = capped(offers, room)
        if chosen:
            comments: Any = [_draft(offer, self._wording.comment(offer)) for offer in chosen]
            body = self._wording.review(len(chosen), len(offers) - len(chosen))
            commit = pull.base.repo.get_commit(self._head_sha)
            pull.create_review(commit=commit, body=body, event="COMMENT", comments=comments)
        return len(chosen)


def _draft(offer: Offer, body: str) -> dict[str, str | int]:
    place: dict[str, str | int] = {"line": offer.line_end, "side": "RIGHT"}
    if offer.line_start < offer.line_end:
        place |= {"start_line": offer.line_start, "start_side": "RIGHT"}
    return {"path": offer.path, "body": body, **place}
