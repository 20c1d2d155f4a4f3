"""A suggestion as a review comment: title, reason, confidence and a `suggestion` block."""

import re

from bot.model.sizes import format_count
from bot.pull_request.review_comments import ReviewSuggestion, compute_digest
from bot.report import escape
from bot.report.formats.comment_marker import make_slug
from bot.report.formats.markdown import render_phrase
from bot.report.page.page_model import make_sentence
from bot.report.page.suggestion_words import describe_suggestion

_MARKER = re.compile(
    r"<!-- image-size-review config=(?P<config>[a-z0-9-]{1,60}) offer=(?P<digest>[0-9a-f]{16}) -->"
    r"(?=\r?\n|\Z)"
)
# The new text of an outdated suggestion that somebody has replied to.
CLOSED_TEXT = "This suggestion no longer applies.\n"
_BACKTICK_FENCE = re.compile(r"`{3,}")


def render_suggestion_comment(review_suggestion: ReviewSuggestion, config_key: str) -> str:
    """Render the body of a review comment, after its marker."""
    suggestion, count = review_suggestion.suggestion, review_suggestion.part_count
    parts_notice = f"Accept all {count} parts together.\n\n" if count > 1 else ""
    key = f"config={make_slug(config_key)} offer={compute_digest(review_suggestion)}"
    return (
        f"<!-- image-size-review {key} -->\n"
        f"**{render_phrase(make_sentence(describe_suggestion(suggestion)))}**\n\n"
        f"{escape.plain(suggestion.message, 1000)}\n\n"
        f"{parts_notice}{_render_suggestion_block(review_suggestion.replacement)}"
    )


def render_review(posted_count: int, omitted_count: int) -> str:
    """Render the body of the review, above its comments."""
    suggestions = format_count(posted_count, "suggestion")
    omitted = f" {omitted_count} more are in the report." if omitted_count else ""
    return f"{suggestions} on the lines that this pull request touches.{omitted}"


def read_digest(body: str, config_key: str) -> str | None:
    """Return the digest of a comment's suggestion; None without a marker of this configuration."""
    match = _MARKER.match(body)
    return match["digest"] if match and match["config"] == make_slug(config_key) else None


def _render_suggestion_block(replacement: str) -> str:
    """Render the block, with a fence longer than any run of backticks inside."""
    # Dockerfiles with backticks in a comment would end the block, and be applied in part.
    longest = max((len(backticks) for backticks in _BACKTICK_FENCE.findall(replacement)), default=2)
    fence = "`" * (longest + 1)
    lines = replacement if not replacement or replacement.endswith("\n") else f"{replacement}\n"
    return f"{fence}suggestion\n{lines}{fence}\n"
