"""Suggestions on the lines of one pull request's diff, as far as they are ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github.PullRequest import PullRequest
from github.PullRequestComment import PullRequestComment
from github.Repository import Repository

from bot.adapters.github.client import ApiOperation, GitHubClient
from bot.pull_request.review_comments import (
    Hunks,
    PostedSuggestion,
    ReviewCommentAction,
    ReviewSuggestion,
    choose_actions,
    find_unposted,
    limit_suggestions,
    parse_hunks,
)

_POST_SUGGESTIONS = ApiOperation("The suggestions were not posted.", "pull-requests: write")
_MAX_SUGGESTIONS = 10


@dataclass(frozen=True, slots=True)
class SuggestionFormat:
    """How offers are written on GitHub, and read again there."""

    render_comment: Callable[[ReviewSuggestion], str]
    render_review: Callable[[int, int], str]
    closed_text: str
    read_digest: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class PostedComments:
    """Our comments on the diff, each with what is known of it."""

    suggestions: tuple[PostedSuggestion, ...]
    comments: Mapping[int, PullRequestComment]


class GitHubReviews:
    """Makes each offer stand once, and none that no longer holds."""

    def __init__(
        self,
        github: GitHubClient,
        pull_number: int,
        head_sha: str,
        suggestion_format: SuggestionFormat,
    ) -> None:
        """Asks nothing yet."""
        self._github, self._pull_number = github, pull_number
        self._head_sha, self._format = head_sha, suggestion_format

    def post(
        self, choose_suggestions: Callable[[Mapping[str, Hunks]], Sequence[ReviewSuggestion]]
    ) -> int:
        """Offers what `choose` finds to fit the diff; how many are new. PublishError says why not."""
        return self._github.run(
            _POST_SUGGESTIONS, lambda repository: self._post(repository, choose_suggestions)
        )

    def _post(
        self,
        repository: Repository,
        choose_suggestions: Callable[[Mapping[str, Hunks]], Sequence[ReviewSuggestion]],
    ) -> int:
        pull = repository.get_pull(self._pull_number)
        hunks = {file.filename: parse_hunks(file.patch or "") for file in pull.get_files()}
        wanted = choose_suggestions(hunks)
        standing = self._list_posted_comments(pull)
        pull.update()
        if pull.head.sha != self._head_sha:
            return 0
        fates = choose_actions(standing.suggestions, wanted)
        for comment_id, fate in fates.items():
            self._apply_action(standing.comments[comment_id], fate)
        kept = sum(fate is ReviewCommentAction.KEEP for fate in fates.values())
        return self._post_review(
            pull, find_unposted(wanted, standing.suggestions), _MAX_SUGGESTIONS - kept
        )

    def _list_posted_comments(self, pull: PullRequest) -> PostedComments:
        """Our comments through all pages: marker and author both, as with the one comment."""
        everything = list(pull.get_review_comments())
        digests = {each.id: self._format.read_digest(each.body or "") for each in everything}
        marked = [each for each in everything if digests[each.id]]
        login = self._github.fetch_login() if marked else None
        ours = [x for x in marked if (x.user.login == login if login else x.user.type == "Bot")]
        answered = {each.in_reply_to_id for each in everything if each.in_reply_to_id}
        known = (
            PostedSuggestion(each.id, digests[each.id] or "", each.line, each.id in answered)
            for each in ours
        )
        return PostedComments(tuple(known), {each.id: each for each in ours})

    def _apply_action(self, comment: PullRequestComment, action: ReviewCommentAction) -> None:
        if action is ReviewCommentAction.DELETE:
            comment.delete()
        elif action is ReviewCommentAction.CLOSE:
            comment.edit(self._format.closed_text)

    def _post_review(
        self, pull: PullRequest, suggestions: Sequence[ReviewSuggestion], max_suggestions: int
    ) -> int:
        """One review of kind COMMENT, which blocks nobody; the first ones if there are many."""
        chosen = limit_suggestions(suggestions, max_suggestions)
        if chosen:
            comments: Any = [
                _make_draft(offer, self._format.render_comment(offer)) for offer in chosen
            ]
            body = self._format.render_review(len(chosen), len(suggestions) - len(chosen))
            commit = pull.base.repo.get_commit(self._head_sha)
            pull.create_review(commit=commit, body=body, event="COMMENT", comments=comments)
        return len(chosen)


def _make_draft(suggestion: ReviewSuggestion, body: str) -> dict[str, str | int]:
    place: dict[str, str | int] = {"line": suggestion.line_end, "side": "RIGHT"}
    if suggestion.line_start < suggestion.line_end:
        place |= {"start_line": suggestion.line_start, "start_side": "RIGHT"}
    return {"path": suggestion.path, "body": body, **place}
