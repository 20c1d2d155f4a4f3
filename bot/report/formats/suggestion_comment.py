"""An offer as a comment on lines of the diff: what, why, how we know, and the block to accept."""

import re

from bot.pull_request.review_comments import ReviewSuggestion
from bot.report import escape
from bot.report.formats.comment_marker import make_slug
from bot.report.formats.markdown import render_phrase
from bot.report.page.next_step import describe_suggestion as sentence_of
from bot.report.page.page_model import format_count, make_sentence

_MARKER = re.compile(
    r"<!-- image-size-review config=(?P<config>[a-z0-9-]{1,60}) offer=(?P<digest>[0-9a-f]{16}) -->"
    r"(?=\r?\n|\Z)"
)
# What stands in place of an offer that holds no longer, where somebody has answered it.
CLOSED_TEXT = "This suggestion no longer applies.\n"
_BACKTICK_FENCE = re.compile(r"`{3,}")


def render_suggestion_comment(review_suggestion: ReviewSuggestion, config_key: str) -> str:
    """The comment; nothing in the replacement can end the block that holds it."""
    suggestion = review_suggestion.suggestion
    together = (
        f"Accept all {review_suggestion.part_count} parts of it together.\n\n"
        if review_suggestion.part_count > 1
        else ""
    )
    return (
        f"<!-- image-size-review config={make_slug(config_key)} offer={review_suggestion.digest} -->\n"
        f"**{render_phrase(make_sentence(sentence_of(suggestion)))}**\n\n"
        f"{escape.plain(suggestion.message, 1000)}\n\n{together}{_render_suggestion_block(review_suggestion.replacement)}"
    )


def render_review(posted_count: int, omitted_count: int) -> str:
    """What the review says above its comments."""
    more = f" {omitted_count} more are in the report." if omitted_count else ""
    return f"{format_count(posted_count, 'suggestion')} on the lines that this pull request touches.{more}"


def read_digest(body: str, config_key: str) -> str | None:
    """Which offer a comment makes; None if it is none of ours and of this configuration."""
    found = _MARKER.match(body)
    return found["digest"] if found and found["config"] == make_slug(config_key) else None


def _render_suggestion_block(replacement: str) -> str:
    longest = max((len(found) for found in _BACKTICK_FENCE.findall(replacement)), default=2)
    fence = "`" * (longest + 1)
    lines = replacement if not replacement or replacement.endswith("\n") else f"{replacement}\n"
    return f"{fence}suggestion\n{lines}{fence}\n"
