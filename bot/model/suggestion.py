"""A suggestion to make an image smaller, and how it was verified."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """The evidence behind a suggestion, the strongest first."""

    VERIFIED = "verified"  # the changed image was built, checked and started beside the old one
    MEASURED = "measured"  # the bytes were counted in the image; nothing was built
    ESTIMATED = "estimated"  # neither built nor counted


class StartResult(StrEnum):
    """The comparison of how two images start."""

    SAME = "same"  # the new image does what the old one does
    DIFFERS = "differs"  # the two were started and behave differently
    NOT_RUN = "not-run"  # they were not started, or the old image does not run by itself


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement for the lines of a Dockerfile from start to end, both included."""

    line_start: int
    line_end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The steps that were taken to prove a suggestion."""

    built: bool
    started: StartResult
    unpacked_bytes: int | None
    log: str


@dataclass(frozen=True, slots=True)
class SecondOffer:
    """A smaller base for the last stage of a rewrite, built and verified like that.

    `last_stage` is the text that replaces the rewrite's, from the comment above its `FROM` on.
    """

    base_image: str
    unpacked_bytes: int
    last_stage: str
    started: StartResult = StartResult.SAME


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A piece of advice, with the evidence for it.

    `diff` is what it changes in the Dockerfile, as hunks of a unified diff; empty if that is
    unknown. `second_offer` is of a rewrite alone.
    """

    rule: str
    title: str
    message: str
    confidence: Confidence
    line_start: int | None = None
    line_end: int | None = None
    saving_bytes: int | None = None
    edits: tuple[Edit, ...] = ()
    dockerfile: str | None = None
    verification: Verification | None = None
    diff: str = ""
    second_offer: SecondOffer | None = None

    @property
    def covers_file(self) -> bool:
        """Return True if it is about a whole Dockerfile, and not about some of its lines."""
        return self.dockerfile is not None or self.line_start is None

    @property
    def lines(self) -> tuple[int, int]:
        """Return the first and the last line; of a whole Dockerfile, all that there can be."""
        start = self.line_start or 1
        return (1, sys.maxsize) if self.covers_file else (start, max(start, self.line_end or 0))

    def shares_lines(self, other: "Suggestion") -> bool:
        """Return True if both are about the same lines of one Dockerfile, or one about all."""
        (start, end), (other_start, other_end) = self.lines, other.lines
        return start <= other_end and other_start <= end


def apply_edits(lines: Sequence[str], edits: Iterable[Edit], first_line: int = 1) -> list[str]:
    """Return lines with the edits applied; `first_line` is the number of the first of them."""
    changed = list(lines)
    # The last edit first, so that the numbers of the others stay right.
    for edit in sorted(edits, key=lambda edit: -edit.line_start):
        start, end = edit.line_start - first_line, edit.line_end - first_line + 1
        changed[start:end] = edit.replacement.splitlines()
    return changed
