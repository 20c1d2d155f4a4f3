"""Suggestions as review comments: the ones that fit the diff, and the actions on earlier ones.

GitHub takes a suggestion on lines that one hunk of the diff shows on its right side; accepting it
replaces these lines. A suggestion is posted only if that gives exactly the proposed file.
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

_MAX_REPLACEMENT_CHARS = 60_000  # GitHub takes comments of 65,536 characters
# `@@ -3,7 +3,8 @@`: the first line of the new side; the rest is a line of the function around.
_HUNK_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")

# The hunks of one file: for each, the lines of the new file by number.
Hunks = tuple[Mapping[int, str], ...]


@dataclass(frozen=True, slots=True)
class ReviewSuggestion:
    """A suggestion for lines of one file, both ends included.

    A suggestion with several edits has `part_count` of them, to be accepted together.
    """

    path: str
    line_start: int
    line_end: int
    replacement: str
    suggestion: Suggestion
    original_text: str
    part_count: int = 1


class ReviewCommentAction(StrEnum):
    """An action on a review comment of an earlier push."""

    KEEP = "keep"
    DELETE = "delete"
    CLOSE = "close"  # replace its text, since people have replied to it


@dataclass(frozen=True, slots=True)
class PostedSuggestion:
    """A review comment of ours; `line` is None once the diff no longer shows it."""

    comment_id: int
    digest: str
    line: int | None
    has_replies: bool


def compute_digest(suggestion: ReviewSuggestion) -> str:
    """Return the digest that identifies a suggestion after another push.

    Line numbers are not part of it, since a push above the lines moves them.
    """
    rule = suggestion.suggestion.rule
    parts = (suggestion.path, rule, suggestion.original_text, suggestion.replacement)
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]


def parse_hunks(patch: str) -> Hunks:
    """Return the lines of the new file that each hunk of a patch shows."""
    hunks: list[dict[int, str]] = []
    number = 0
    for line in patch.split("\n"):
        if header := _HUNK_HEADER.match(line):
            hunks.append({})
            number = int(header[1])
        # Lines of the old side are left out, and so is "\ No newline at end of file".
        elif hunks and line[:1] in ("+", " "):
            hunks[-1][number] = line[1:]
            number += 1
    return tuple(hunks)


def select_suggestions(
    report: Report, hunks: Mapping[str, Hunks], file_texts: Mapping[str, str]
) -> list[ReviewSuggestion]:
    """Select the suggestions that fit the diff, the largest saving first, one for each line.

    `file_texts` are the Dockerfiles as they were measured. Lines that the diff shows differently
    get no suggestion: the merge commit's file is not always the branch's own.
    """
    used_lines: set[tuple[str, int]] = set()
    selected: list[ReviewSuggestion] = []
    for path, suggestion in _rank_suggestions(report):
        parts = list(_split_into_parts(path, suggestion, _split_lines(file_texts.get(path, ""))))
        lines = {(path, n) for part in parts for n in range(part.line_start, part.line_end + 1)}
        if (
            parts
            and not lines & used_lines
            and all(_is_shown_in_one_hunk(part, hunks.get(path, ())) for part in parts)
        ):
            used_lines |= lines
            selected += parts
    return selected


def limit_suggestions(
    suggestions: Sequence[ReviewSuggestion], limit: int
) -> list[ReviewSuggestion]:
    """Return at most `limit` comments, with all parts of a suggestion or none of them."""
    chosen: list[ReviewSuggestion] = []
    for candidate in suggestions:
        parts = [x for x in suggestions if x.suggestion == candidate.suggestion]
        if candidate not in chosen and len(chosen) + len(parts) <= limit:
            chosen += parts
    return chosen


def choose_action(
    posted: PostedSuggestion, suggestions: Iterable[ReviewSuggestion]
) -> ReviewCommentAction:
    """Keep a comment that still applies; close one with replies, and delete any other."""
    if posted.line is not None and any(posted.digest == compute_digest(x) for x in suggestions):
        return ReviewCommentAction.KEEP
    return ReviewCommentAction.CLOSE if posted.has_replies else ReviewCommentAction.DELETE


def choose_actions(
    posted: Iterable[PostedSuggestion], suggestions: Sequence[ReviewSuggestion]
) -> dict[int, ReviewCommentAction]:
    """Choose an action for each comment, by its id.

    Two runs at the same time leave copies of a comment; those without replies are deleted.
    """
    missing = Counter(compute_digest(suggestion) for suggestion in suggestions)
    actions: dict[int, ReviewCommentAction] = {}
    # Those with replies first, so that of several copies one that people have answered stays.
    for comment in sorted(posted, key=lambda comment: not comment.has_replies):
        action = choose_action(comment, suggestions)
        is_kept = action is ReviewCommentAction.KEEP
        missing[comment.digest] -= is_kept
        is_copy = is_kept and missing[comment.digest] < 0 and not comment.has_replies
        actions[comment.comment_id] = ReviewCommentAction.DELETE if is_copy else action
    return actions


def find_unposted(
    suggestions: Sequence[ReviewSuggestion], posted: Sequence[PostedSuggestion]
) -> list[ReviewSuggestion]:
    """Return the suggestions without a comment that is kept."""
    kept_digests = {
        comment.digest
        for comment in posted
        if choose_action(comment, suggestions) is ReviewCommentAction.KEEP
    }
    return [x for x in suggestions if compute_digest(x) not in kept_digests]


def _rank_suggestions(report: Report) -> list[tuple[str, Suggestion]]:
    """Return each suggestion with edits once, also if several images share a Dockerfile."""
    by_edits = {
        (image.spec.dockerfile, suggestion.rule, suggestion.edits): suggestion
        for image in report.images
        for suggestion in image.suggestions
        if suggestion.edits
    }
    pairs = [(path, suggestion) for (path, _, _), suggestion in by_edits.items()]
    return sorted(pairs, key=lambda pair: -(pair[1].saving_bytes or 0))


def _split_into_parts(
    path: str, suggestion: Suggestion, lines: Sequence[str]
) -> Iterator[ReviewSuggestion]:
    """Yield a part for each edit, or nothing if one of the edits cannot be posted."""
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
    """Return True if a suggestion block can hold the edit.

    Its lines must be in the file, with Unix line endings and of a length that GitHub takes. A
    redacted secret would replace the real one.
    """
    is_inside = 1 <= edit.line_start <= edit.line_end <= len(lines)
    is_whole = REDACTED not in edit.replacement and "\r" not in edit.replacement
    return is_inside and is_whole and len(edit.replacement) <= _MAX_REPLACEMENT_CHARS


def _split_lines(text: str) -> list[str]:
    # Not splitlines(), which also splits at form feeds and U+2028: git counts line feeds alone.
    return text.removesuffix("\n").split("\n")


def _expand_insertion(edit: Edit, lines: Sequence[str]) -> Edit:
    """Turn an insertion, which covers no lines, into an edit of the line that follows it."""
    if edit.line_end >= edit.line_start or not 1 <= edit.line_start <= len(lines):
        return edit
    text = edit.replacement if edit.replacement.endswith("\n") else f"{edit.replacement}\n"
    line = lines[edit.line_start - 1]
    return Edit(edit.line_start, edit.line_start, f"{text}{line}\n")


def _is_shown_in_one_hunk(suggestion: ReviewSuggestion, hunks: Hunks) -> bool:
    """Return True if one hunk shows all the lines as they are in the measured file."""
    numbers = range(suggestion.line_start, suggestion.line_end + 1)
    return any(
        all(number in hunk for number in numbers)
        and "\n".join(hunk[number] for number in numbers) == suggestion.original_text
        for hunk in hunks
    )
