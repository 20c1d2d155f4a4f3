"""Review comments with suggested changes on the lines of a pull request.

pull_request/review_comments.py decides which to post, keep or close.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github.PullRequest import PullRequest
from github.PullRequestComment import PullRequestComment
from github.Repository import Repository

from bot.adapters.github.authors import is_written_by
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
# Each is a thread that somebody has to resolve.
_MAX_SUGGESTIONS = 10


@dataclass(frozen=True, slots=True)
class SuggestionFormat:
    """The text of suggestions on GitHub: how to write it, and how to recognise it."""

    render_comment: Callable[[ReviewSuggestion], str]
    render_review: Callable[[int, int], str]
    closed_text: str
    read_digest: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class PostedComments:
    """Our comments on the diff, with their state and GitHub's objects by ID."""

    suggestions: tuple[PostedSuggestion, ...]
    comments: Mapping[int, PullRequestComment]


class GitHubReviews:
    """Posts each suggestion once, and removes those that no longer apply."""

    def __init__(
        self,
        github: GitHubClient,
        pull_number: int,
        head_sha: str,
        suggestion_format: SuggestionFormat,
    ) -> None:
        self._github, self._pull_number = github, pull_number
        self._head_sha, self._format = head_sha, suggestion_format

    def post(
        self, choose_suggestions: Callable[[Mapping[str, Hunks]], Sequence[ReviewSuggestion]]
    ) -> int:
        """Post the chosen suggestions that fit the diff; return how many are new.

        Raises PublishError.
        """
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
        suggestions = choose_suggestions(hunks)
        posted = self._list_posted_comments(pull)
        # Many pages may have taken long: a suggestion must not be for lines of an older head.
        pull.update()
        if pull.head.sha != self._head_sha:
            return 0
        actions = choose_actions(posted.suggestions, suggestions)
        for comment_id, action in actions.items():
            self._apply_action(posted.comments[comment_id], action)
        kept_count = sum(x is ReviewCommentAction.KEEP for x in actions.values())
        return self._post_review(
            pull, find_unposted(suggestions, posted.suggestions), _MAX_SUGGESTIONS - kept_count
        )

    def _list_posted_comments(self, pull: PullRequest) -> PostedComments:
        """Return our comments of all pages, by marker and author."""
        comments = list(pull.get_review_comments())
        digests = {comment.id: self._format.read_digest(comment.body or "") for comment in comments}
        marked = [comment for comment in comments if digests[comment.id]]
        login = self._github.fetch_login() if marked else None
        ours = {comment.id: comment for comment in marked if is_written_by(comment.user, login)}
        answered = {comment.in_reply_to_id for comment in comments}
        suggestions = tuple(
            PostedSuggestion(number, digests[number] or "", comment.line, number in answered)
            for number, comment in ours.items()
        )
        return PostedComments(suggestions, ours)

    def _apply_action(self, comment: PullRequestComment, action: ReviewCommentAction) -> None:
        if action is ReviewCommentAction.DELETE:
            comment.delete()
        elif action is ReviewCommentAction.CLOSE:
            comment.edit(self._format.closed_text)

    def _post_review(
        self, pull: PullRequest, suggestions: Sequence[ReviewSuggestion], max_suggestions: int
    ) -> int:
        """Post one review of type COMMENT, which blocks nobody; extra suggestions are dropped."""
        chosen = limit_suggestions(suggestions, max_suggestions)
        if chosen:
            comments: Any = [
                _make_draft(suggestion, self._format.render_comment(suggestion))
                for suggestion in chosen
            ]
            body = self._format.render_review(len(chosen), len(suggestions) - len(chosen))
            commit = pull.base.repo.get_commit(self._head_sha)
            pull.create_review(commit=commit, body=body, event="COMMENT", comments=comments)
        return len(chosen)


def _make_draft(suggestion: ReviewSuggestion, body: str) -> dict[str, str | int]:
    # POST /repos/…/pulls/N/reviews: RIGHT is the new side; `start_line` is for several lines only.
    lines: dict[str, str | int] = {"line": suggestion.line_end, "side": "RIGHT"}
    if suggestion.line_start < suggestion.line_end:
        lines |= {"start_line": suggestion.line_start, "start_side": "RIGHT"}
    return {"path": suggestion.path, "body": body, **lines}
