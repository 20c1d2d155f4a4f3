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
from bot.redaction import STARS

_LONGEST = 60_000  # characters; GitHub takes 65,536 with the words around
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")

# The hunks of one file: for each, the lines that it shows of the new file, by number.
Hunks = tuple[Mapping[int, str], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion for lines of one file, both ends included; `parts` of them belong together."""

    path: str
    line_start: int
    line_end: int
    replacement: str
    suggestion: Suggestion
    original: str
    parts: int = 1

    @property
    def digest(self) -> str:
        """What makes it the same offer after another push: the words, not the line numbers."""
        words = (self.path, self.suggestion.rule, self.original, self.replacement)
        return hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest()[:16]


class Fate(StrEnum):
    """What is to be done with a comment of an earlier push."""

    KEEP = "keep"
    DELETE = "delete"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Offered:
    """A comment of ours that stands on the diff; without a line it is outdated."""

    comment_id: int
    digest: str
    line: int | None
    answered: bool


def read_hunks(patch: str) -> Hunks:
    """The lines that a patch shows of the new file."""
    hunks: list[dict[int, str]] = []
    number = 0
    for line in patch.split("\n"):
        if head := _HUNK.match(line):
            hunks.append({})
            number = int(head[1])
        elif hunks and line[:1] in ("+", " "):
            hunks[-1][number] = line[1:]
            number += 1
    return tuple(hunks)


def offers(report: Report, hunks: Mapping[str, Hunks], files: Mapping[str, str]) -> list[Offer]:
    """What can be offered, the largest saving first; each line is spoken of once.

    `files` are the Dockerfiles as they were measured. Where the diff shows other lines (the merge
    commit's file is not the branch's own), nothing is offered.
    """
    taken: set[tuple[str, int]] = set()
    found: list[Offer] = []
    for path, suggestion in _ranked(report):
        parts = list(_parts(path, suggestion, _lines(files.get(path, ""))))
        lines = {(path, at) for part in parts for at in range(part.line_start, part.line_end + 1)}
        if parts and not lines & taken and all(_fits(part, hunks.get(path, ())) for part in parts):
            taken |= lines
            found += parts
    return found


def capped(offers: Sequence[Offer], room: int) -> list[Offer]:
    """As many of the first offers as there is room for, every suggestion whole or not at all."""
    chosen: list[Offer] = []
    for offer in offers:
        same = [each for each in offers if each.suggestion == offer.suggestion]
        if offer not in chosen and len(chosen) + len(same) <= room:
            chosen += same
    return chosen


def decide_fate(standing: Offered, wanted: Iterable[Offer]) -> Fate:
    """A comment stays while it is true; one that somebody answered is closed in place of deleted."""
    if standing.line is not None and any(standing.digest == offer.digest for offer in wanted):
        return Fate.KEEP
    return Fate.CLOSE if standing.answered else Fate.DELETE


def decide_fates(standing: Iterable[Offered], wanted: Sequence[Offer]) -> dict[int, Fate]:
    """What becomes of each comment, by its id; of copies, which two runs at the same time leave behind,
    those go that nobody has answered.
    """
    room = Counter(offer.digest for offer in wanted)
    fates: dict[int, Fate] = {}
    for each in sorted(standing, key=lambda one: not one.answered):
        fate = decide_fate(each, wanted)
        room[each.digest] -= fate is Fate.KEEP
        is_copy = fate is Fate.KEEP and room[each.digest] < 0 and not each.answered
        fates[each.comment_id] = Fate.DELETE if is_copy else fate
    return fates


def not_yet_offered(wanted: Sequence[Offer], standing: Sequence[Offered]) -> list[Offer]:
    """The offers that no comment makes that will stay."""
    said = {each.digest for each in standing if decide_fate(each, wanted) is Fate.KEEP}
    return [offer for offer in wanted if offer.digest not in said]


def _ranked(report: Report) -> list[tuple[str, Suggestion]]:
    """Every suggestion with edits once, also where several images share a Dockerfile."""
    found = {
        (image.spec.dockerfile, one.rule, one.edits): one
        for image in report.images
        for one in image.suggestions
        if one.edits
    }
    pairs = [(path, one) for (path, _, _), one in found.items()]
    return sorted(pairs, key=lambda pair: -(pair[1].saving_bytes or 0))


def _parts(path: str, suggestion: Suggestion, lines: Sequence[str]) -> Iterator[Offer]:
    """One offer for each edit; none at all if one of them is beside the file."""
    edits = [_on_lines(edit, lines) for edit in suggestion.edits]
    if all(_can_be_said(edit, lines) for edit in edits):
        for edit in edits:
            original = "\n".join(lines[edit.line_start - 1 : edit.line_end])
            yield Offer(
                path,
                edit.line_start,
                edit.line_end,
                edit.replacement,
                suggestion,
                original,
                len(edits),
            )


def _can_be_said(edit: Edit, lines: Sequence[str]) -> bool:
    """Whether a suggestion block can say it: lines of the file, ends of the usual kind, a fair length,
    and no secret, of which the report holds the mask alone.
    """
    is_inside = 1 <= edit.line_start <= edit.line_end <= len(lines)
    is_whole = STARS not in edit.replacement and "\r" not in edit.replacement
    return is_inside and is_whole and len(edit.replacement) <= _LONGEST


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _on_lines(edit: Edit, lines: Sequence[str]) -> Edit:
    """An edit that inserts, which has no lines of its own, as one of the line that it precedes."""
    if edit.line_end >= edit.line_start or not 1 <= edit.line_start <= len(lines):
        return edit
    text = edit.replacement if edit.replacement.endswith("\n") else f"{edit.replacement}\n"
    line = lines[edit.line_start - 1]
    return Edit(edit.line_start, edit.line_start, f"{text}{line}\n")


def _fits(offer: Offer, hunks: Hunks) -> bool:
    """Whether one hunk shows all of the lines, as the measured file has them."""
    numbers = range(offer.line_start, offer.line_end + 1)
    return any(
        all(number in hunk for number in numbers)
        and "\n".join(hunk[number] for number in numbers) == offer.original
        for hunk in hunks
    )
