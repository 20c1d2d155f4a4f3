"""Comments, reviews and comments on lines of a diff."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tests.support.github.records import Comment, CommentPosition, Review, ReviewComment
from tests.support.github.state.accounts import wall_clock
from tests.support.github.state.threads import ThreadState


class CommentState(ThreadState):
    """The comments and reviews of issues and pull requests."""

    def __init__(self, clock: Callable[[], datetime] = wall_clock) -> None:
        super().__init__(clock)
        self.issue_comments: dict[int, Comment] = {}
        self.reviews: dict[int, Review] = {}
        self.review_comments: dict[int, ReviewComment] = {}

    def comment(self, repo: str, number: int, author: str, body: str) -> Comment:
        """Add a comment to an issue or pull request."""
        now = self.now()
        self.account(author)
        comment = Comment(next(self._ids), repo, number, author, body, now, now)
        self.issue_comments[comment.id] = comment
        self._touch(self.threads[repo.lower(), number])
        return comment

    def edit_comment(self, comment: int, body: str, by: str = "") -> Comment:
        """Change a comment's text; its order among the others stays."""
        edited = replace(self.issue_comments[comment], body=body, updated=self.now(), editor=by)
        self.issue_comments[comment] = edited
        return edited

    def delete_comment(self, comment: int) -> None:
        """Delete a comment."""
        del self.issue_comments[comment]

    def comments(self, repo: str, number: int) -> list[Comment]:
        """Return the comments of an issue or pull request, oldest first."""
        key = (repo.lower(), number)
        return [each for each in self.issue_comments.values() if _thread_of(each) == key]

    def review(self, repo: str, number: int, author: str, body: str, state: str) -> Review:
        """Add a review of the pull request's present head."""
        pull = self.threads[repo.lower(), number].pull
        if pull is None:
            raise ValueError(f"{repo}#{number} is an issue, which nobody reviews")
        self.account(author)
        head, now = pull.head.sha, self.now()
        review = Review(next(self._ids), repo, number, author, body, state, head, now)
        self.reviews[review.id] = review
        return review

    def review_comment(
        self,
        repo: str,
        number: int,
        author: str,
        body: str,
        position: CommentPosition,
        *,
        commit: str,
        hunk: str = "",
        review: int | None = None,
        reply_to: int | None = None,
    ) -> ReviewComment:
        """Add a comment on lines of the diff."""
        now = self.now()
        self.account(author)
        comment = ReviewComment(
            next(self._ids), repo, number, review, author, body, commit, position, hunk, now, now,
            reply_to,
        )  # fmt: skip
        self.review_comments[comment.id] = comment
        return comment

    def edit_review_comment(self, comment: int, body: str) -> ReviewComment:
        """Change the text of a comment on lines."""
        edited = replace(self.review_comments[comment], body=body, updated=self.now())
        self.review_comments[comment] = edited
        return edited

    def reviews_of(self, repo: str, number: int) -> list[Review]:
        """Return the reviews of a pull request, oldest first."""
        key = (repo.lower(), number)
        return [each for each in self.reviews.values() if _thread_of(each) == key]

    def review_comments_of(self, repo: str, number: int) -> list[ReviewComment]:
        """Return the comments on lines of a pull request, oldest first."""
        key = (repo.lower(), number)
        return [each for each in self.review_comments.values() if _thread_of(each) == key]


def _thread_of(message: Comment | Review | ReviewComment) -> tuple[str, int]:
    return message.repo.lower(), message.number
