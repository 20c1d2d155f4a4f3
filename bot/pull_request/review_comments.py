"""Which suggestions can stand on the lines of a pull request's diff, and what becomes of old ones.

GitHub takes a suggestion on lines that one hunk of the diff shows on its right side, and whoever
accepts it replaces these lines. Nothing is offered that would not give exactly the proposed file.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model.report import Report
from bot.model.suggestion import Edit, Suggestion
from bot.redaction import REDACTED

_MAX_REPLACEMENT_CHARS = 60_000  # characters; GitHub takes 65,536 with the words around
_HUNK_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")

# The hunks of one file: for each, the lines that it shows of the new file, by number.
Hunks = tuple[Mapping[int, str], ...]


@dataclass(frozen=True, slots=True)
class ReviewSuggestion:
    """A suggestion for lines of one file, both ends included; `parts` of them belong together."""

    path: str
    line_start: int
    line_end: int
    replacement: str
    suggestion: Suggestion
    original_text: str
    part_count: int = 1

    @property
    def digest(self) -> str:
        """What makes it the same offer after another push: the words, not the line numbers."""
        words = (self.path, self.suggestion.rule, self.original_text, self.replacement)
        return hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:16]


class ReviewCommentAction(StrEnum):
    """What is to be done with a comment of an earlier push."""

    KEEP = "keep"
    DELETE = "delete"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class PostedSuggestion:
    """A comment of ours that stands on the diff; without a line it is outdated."""

    comment_id: int
    digest: str
    line: int | None
    has_replies: bool


def parse_hunks(patch: str) -> Hunks:
    """The lines that a patch shows of the new file."""
    hunks: list[dict[int, str]] = []
    number = 0
    for line in patch.split("\n"):
        if head := _HUNK_HEADER.match(line):
            hunks.append({})
            number = int(head[1])
        elif hunks and line[:1] in ("+", " "):
            hunks[-1][number] = line[1:]
            number += 1
    return tuple(hunks)


def select_suggestions(
    report: Report, hunks: Mapping[str, Hunks], file_texts: Mapping[str, str]
) -> list[ReviewSuggestion]:
    """What can be offered, the largest saving first; each line is spoken of once.

    `files` are the Dockerfiles as they were measured. Where the diff shows other lines (the merge
    commit's file is not the branch's own), nothing is offered.
    """
    taken: set[tuple[str, int]] = set()
    found: list[ReviewSuggestion] = []
    for path, suggestion in _rank_suggestions(report):
        parts = list(_split_into_parts(path, suggestion, _split_lines(file_texts.get(path, ""))))
        lines = {(path, at) for part in parts for at in range(part.line_start, part.line_end + 1)}
        if (
            parts
            and not lines & taken
            and all(_is_shown_in_one_hunk(part, hunks.get(path, ())) for part in parts)
        ):
            taken |= lines
            found += parts
    return found


def limit_suggestions(
    suggestions: Sequence[ReviewSuggestion], limit: int
) -> list[ReviewSuggestion]:
    """As many of the first offers as there is room for, every suggestion whole or not at all."""
    chosen: list[ReviewSuggestion] = []
    for offer in suggestions:
        same = [each for each in suggestions if each.suggestion == offer.suggestion]
        if offer not in chosen and len(chosen) + len(same) <= limit:
            chosen += same
    return chosen


def choose_action(
    posted: PostedSuggestion, suggestions: Iterable[ReviewSuggestion]
) -> ReviewCommentAction:
    """A comment stays while it is true; one that somebody answered is closed in place of deleted."""
    if posted.line is not None and any(posted.digest == offer.digest for offer in suggestions):
        return ReviewCommentAction.KEEP
    return ReviewCommentAction.CLOSE if posted.has_replies else ReviewCommentAction.DELETE


def choose_actions(
    posted: Iterable[PostedSuggestion], suggestions: Sequence[ReviewSuggestion]
) -> dict[int, ReviewCommentAction]:
    """What becomes of each comment, by its id; of copies, which two runs at the same time leave behind,
    those go that nobody has answered.
    """
    room = Counter(offer.digest for offer in suggestions)
    fates: dict[int, ReviewCommentAction] = {}
    for each in sorted(posted, key=lambda one: not one.has_replies):
        fate = choose_action(each, suggestions)
        room[each.digest] -= fate is ReviewCommentAction.KEEP
        is_copy = (
            fate is ReviewCommentAction.KEEP and room[each.digest] < 0 and not each.has_replies
        )
        fates[each.comment_id] = ReviewCommentAction.DELETE if is_copy else fate
    return fates


def find_unposted(
    suggestions: Sequence[ReviewSuggestion], posted: Sequence[PostedSuggestion]
) -> list[ReviewSuggestion]:
    """The offers that no comment makes that will stay."""
    said = {
        each.digest
        for each in posted
        if choose_action(each, suggestions) is ReviewCommentAction.KEEP
    }
    return [offer for offer in suggestions if offer.digest not in said]


def _rank_suggestions(report: Report) -> list[tuple[str, Suggestion]]:
    """Every suggestion with edits once, also where several images share a Dockerfile."""
    found = {
        (image.spec.dockerfile, one.rule, one.edits): one
        for image in report.images
        for one in image.suggestions
        if one.edits
    }
    pairs = [(path, one) for (path, _, _), one in found.items()]
    return sorted(pairs, key=lambda pair: -(pair[1].saving_bytes or 0))


def _split_into_parts(
    path: str, suggestion: Suggestion, lines: Sequence[str]
) -> Iterator[ReviewSuggestion]:
    """One offer for each edit; none at all if one of them is beside the file."""
    edits = [_expand_insertion(edit, lines) for edit in suggestion.edits]
    if all(_is_expressible(edit, lines) for edit in edits):
        for edit in edits:
            original = "\n".join(lines[edit.line_start - 1 : edit.line_end])
            yield ReviewSuggestion(
                path,
                edit.line_start,
                edit.line_end,
                edit.replacement,
                suggestion,
                original,
                len(edits),
            )


def _is_expressible(edit: Edit, lines: Sequence[str]) -> bool:
    """Whether a suggestion block can say it: lines of the file, ends of the usual kind, a fair length,
    and no secret, of which the report holds the mask alone.
    """
    is_inside = 1 <= edit.line_start <= edit.line_end <= len(lines)
    is_whole = REDACTED not in edit.replacement and "\r" not in edit.replacement
    return is_inside and is_whole and len(edit.replacement) <= _MAX_REPLACEMENT_CHARS


def _split_lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _expand_insertion(edit: Edit, lines: Sequence[str]) -> Edit:
    """An edit that inserts, which has no lines of its own, as one of the line that it precedes."""
    if edit.line_end >= edit.line_start or not 1 <= edit.line_start <= len(lines):
        return edit
    text = edit.replacement if edit.replacement.endswith("\n") else f"{edit.replacement}\n"
    line = lines[edit.line_start - 1]
    return Edit(edit.line_start, edit.line_start, f"{text}{line}\n")


def _is_shown_in_one_hunk(suggestion: ReviewSuggestion, hunks: Hunks) -> bool:
    """Whether one hunk shows all of the lines, as the measured file has them."""
    numbers = range(suggestion.line_start, suggestion.line_end + 1)
    return any(
        all(number in hunk for number in numbers)
        and "\n".join(hunk[number] for number in numbers) == suggestion.original_text
        for hunk in hunks
    )
