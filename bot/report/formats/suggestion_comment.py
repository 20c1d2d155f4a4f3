"""An offer as a comment on lines of the diff: what, why, how we know, and the block to accept."""

import re

from bot.pull_request.review_comments import Offer
from bot.report import escape
from bot.report.formats.comment_marker import slug
from bot.report.formats.markdown import inline
from bot.report.page.next_step import offer as sentence_of
from bot.report.page.page_model import count, sentence

_MARKER = re.compile(
    r"<!-- image-size-review config=(?P<config>[a-z0-9-]{1,60}) offer=(?P<digest>[0-9a-f]{16}) -->"
    r"(?=\r?\n|\Z)"
)
# What stands in place of an offer that holds no longer, where somebody has answered it.
CLOSED = "This suggestion no longer applies.\n"
_FENCE = re.compile(r"`{3,}")


def render_offer(offer: Offer, config_key: str) -> str:
    """The comment; nothing in the replacement can end the block that holds it."""
    suggestion = offer.suggestion
    together = f"Accept all {offer.parts} parts of it together.\n\n" if offer.parts > 1 else ""
    return (
        f"<!-- image-size-review config={slug(config_key)} offer={offer.digest} -->\n"
        f"**{inline(sentence(sentence_of(suggestion)))}**\n\n"
        f"{escape.plain(suggestion.message, 1000)}\n\n{together}{_block(offer.replacement)}"
    )


def render_review(offers: int, left_out: int) -> str:
    """What the review says above its comments."""
    more = f" {left_out} more are in the report." if left_out else ""
    return f"{count(offers, 'suggestion')} on the lines that this pull request touches.{more}"


def read_digest(body: str, config_key: str) -> str | None:
    """Which offer a comment makes; None if it is none of ours and of this configuration."""
    found = _MARKER.match(body)
    return found["digest"] if found and found["config"] == slug(config_key) else None


def _block(replacement: str) -> str:
    longest = max((len(found) for found in _FENCE.findall(replacement)), default=2)
    fence = "`" * (longest + 1)
    lines = replacement if not replacement or replacement.endswith("\n") else f"{replacement}\n"
    return f"{fence}suggestion\n{lines}{fence}\n"
