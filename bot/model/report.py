"""The report: its images, checks and verdict.

The JSON names of these fields are fixed by the schema and written in report/document/writer.py.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.comparison import Comparison
from bot.model.spec import ImageSpec
from bot.model.suggestion import Suggestion


class Outcome(StrEnum):
    """What a check, an image or a whole report comes to, the mildest first."""

    SKIP = "skip"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"


class ImageState(StrEnum):
    """What became of one image between the two revisions."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEW = "new"
    REMOVED = "removed"
    NO_BASELINE = "no-baseline"
    BASE_BUILD_FAILED = "base-build-failed"
    HEAD_BUILD_FAILED = "head-build-failed"
    MEASURE_FAILED = "measure-failed"


@dataclass(frozen=True, slots=True)
class Revision:
    """One side of the comparison: the name it was asked by, and the commit it stands for."""

    ref: str
    sha: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a budget held against one image; sizes in bytes."""

    name: str
    metric: str
    observed: int | None
    limit: int | None
    result: Outcome
    reason: str
    approved: bool = False


@dataclass(frozen=True, slots=True)
class ImageReport:
    """All that a report says of one image."""

    spec: ImageSpec
    state: ImageState
    verdict: Outcome
    comparison: Comparison
    reason: str | None = None
    log: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """The label that lets intended growth pass: who set it and when; it `counts` if they may write."""

    label: str
    login: str
    set_at: str
    is_valid: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer to one question, ready to be rendered in any form."""

    mode: str
    images: tuple[ImageReport, ...]
    base: Revision | None = None
    head: Revision | None = None
    reproduce_command: str = ""
    notes: tuple[str, ...] = ()
    approval: Approval | None = None

    @property
    def verdict(self) -> Outcome:
        """The worst of its images; a report about nothing passes."""
        order = list(Outcome)
        worst = max((order.index(image.verdict) for image in self.images), default=1)
        return order[max(worst, 1)]
