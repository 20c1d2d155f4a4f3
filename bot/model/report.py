"""The report: its images, checks and verdict.

The JSON names of these fields are fixed by the schema and written in report/document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.model.audit import AuditFacts
from bot.model.build_key import BuildKey, RecordedCommit
from bot.model.check_names import LFS_CHECK, SUBMODULES_CHECK
from bot.model.comparison import BaseOrHead, Comparison
from bot.model.failures import FailureCause
from bot.model.image_identity import BaseUse, ImageIdentity
from bot.model.metric import Metric
from bot.model.since import RangeReason, SinceFacts
from bot.model.spec import Budget, ImageSpec
from bot.model.suggestion import Suggestion
from bot.model.trend import Trend


class Mode(StrEnum):
    """The command that made a report."""

    REVIEW = "review"  # the images of two revisions, compared
    MEASURE = "measure"  # one image that exists
    DIFF = "diff"  # two images that exist, compared
    ADVISE = "advise"  # the suggestions for one Dockerfile
    AUDIT = "audit"  # the images of one revision

    @property
    def has_two_sides(self) -> bool:
        """True for the modes that compare a base with a head."""
        return self in (Mode.REVIEW, Mode.DIFF)

    @property
    def covers_repository(self) -> bool:
        """True for the modes that build every image of a repository."""
        return self in (Mode.REVIEW, Mode.AUDIT)


class Outcome(StrEnum):
    """The result of a check, of an image or of a whole report, the mildest first."""

    SKIP = "skip"  # not judged
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"  # worth a look, but nothing that this change must answer for
    FAIL = "fail"  # over budget
    ERROR = "error"  # it could not be built or measured

    @classmethod
    def worst(cls, outcomes: Iterable[Outcome]) -> Outcome:
        """Return the worst outcome, but at least PASS: what was skipped or is empty passes."""
        return max((cls.PASS, *outcomes), key=list(cls).index)


class ImageState(StrEnum):
    """The state of an image between base and head."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"  # the same inputs, or the same image
    NEW = "new"  # head declares it, base does not
    REMOVED = "removed"  # base declares it, head does not
    NO_BASELINE = "no-baseline"  # there is no base to compare with
    BASE_BUILD_FAILED = "base-build-failed"
    HEAD_BUILD_FAILED = "head-build-failed"
    MEASURE_FAILED = "measure-failed"  # one side was built and cannot be read


# Of a plan: those in which an image is not built.
STATES_WITHOUT_BUILD = (ImageState.UNCHANGED, ImageState.REMOVED)


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of one side: its name as requested, and the commit that it resolves to."""

    ref: str
    sha: str


# The `ref` of a base that nobody named.
FORK_POINT = "fork point of the default branch"
# The names of the limits that a budget sets.
MAX_SIZE, WARN_SIZE = "max-size", "warn-size"
MAX_GROWTH, WARN_GROWTH = "max-growth", "warn-growth"
MAX_WASTE, MAX_LAYERS = "max-waste", "max-layers"


@dataclass(frozen=True, slots=True)
class Check:
    """A limit of a budget applied to one image; sizes in bytes, layers by their number.

    `observed` and `limit` are None where they are unknown; `reason` then says why. `source` is the
    side with the rule, where the rules of base and head differ. `margin` is the possible error of
    `observed`, in both directions; 0 if that is exact. `is_auto` for a limit that follows recorded
    sizes.
    """

    name: str
    metric: Metric
    observed: int | None
    limit: int | None
    result: Outcome
    reason: str
    approved: bool = False
    source: BaseOrHead | None = None
    margin: int = 0
    is_auto: bool = False

    @property
    def is_about_growth(self) -> bool:
        """True for a limit on the growth, whether it fails or warns."""
        return self.name in (MAX_GROWTH, WARN_GROWTH)

    @property
    def can_be_approved(self) -> bool:
        """True for a limit that an approval of growth lifts."""
        return self.is_about_growth or self.is_auto

    @property
    def is_about_size(self) -> bool:
        """True for a limit on the size, whether it fails or warns."""
        return self.name in (MAX_SIZE, WARN_SIZE)

    @property
    def is_about_layers(self) -> bool:
        """True for a limit on what the layers are: their waste or their number."""
        return self.name in (MAX_WASTE, MAX_LAYERS)


class BaselineSource(StrEnum):
    """The source of the image to compare with; the text is that of the JSON report."""

    BUILT = "built"
    HISTORY = "history"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The image to compare with: where it comes from, its commit (empty if unknown), its name.

    `reference` is empty for an image that was built here.
    """

    source: BaselineSource
    revision: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ImageReport:
    """The part of a report about one image.

    `failure` says why a build failed; `renamed_from` is the image of the base that this one is
    compared with, if base has another name, Dockerfile or platform for it.

    The budget of `spec` is head's; `base_budget` is the one by base's rules, if those hold. An
    image that is dropped is reviewed by base's rules alone: head's configuration does not list it.

    `build_key` says what head was built of, if that is sure. Head was not built again, but measured
    at a commit before with the same key, if it has `recorded_at`.
    """

    spec: ImageSpec
    state: ImageState
    verdict: Outcome
    comparison: Comparison
    reason: str | None = None
    log: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    notes: tuple[str, ...] = ()
    base_budget: Budget | None = None
    is_dropped: bool = False
    failure: FailureCause | None = None
    renamed_from: ImageIdentity | None = None
    baseline: Baseline | None = None
    based_on: tuple[BaseUse, ...] = ()
    base_of: tuple[ImageIdentity, ...] = ()
    trend: Trend | None = None
    build_key: BuildKey | None = None
    recorded_at: RecordedCommit | None = None

    @property
    def identity(self) -> ImageIdentity:
        """The name, Dockerfile and platform by which other parts of a report refer to it."""
        return ImageIdentity(self.spec.name, self.spec.dockerfile, self.spec.platform)

    @property
    def lacks_contents(self) -> bool:
        """True if a build lacked contents of Git LFS files or submodules: sizes are too small."""
        return any(check.name in (LFS_CHECK, SUBMODULES_CHECK) for check in self.checks)


@dataclass(frozen=True, slots=True)
class Approval:
    """A label that approves growth; valid if the person who set it may write."""

    label: str
    login: str
    set_at: str
    is_valid: bool


class GateKind(StrEnum):
    """The rule that a gate change is about."""

    CONFIGURATION = "configuration"  # the configuration file as a whole
    LIMIT = "limit"
    METRIC = "metric"
    IGNORE_BELOW = "ignore-below"
    APPROVAL = "approval"  # the label that approves growth
    COMMIT_STATUS = "commit-status"
    COMMENT = "comment"
    HISTORY = "history"  # where sizes are recorded
    BUILD_NEEDS = "build-needs"  # secrets and the like, which head's file cannot set
    SELECTION = "selection"  # exclude, discover, compose and bake
    IMAGE = "image"  # one that head's rules do not review, or declare otherwise than base's
    WORKFLOW = "workflow"  # a workflow, or an action of this repository, that runs the review
    CODE_OWNERS = "code-owners"


@dataclass(frozen=True, slots=True)
class GateChange:
    """A rule that a change alters, in words: `the growth limit of all images`, `1 MB`, `100 GB`.

    `before` is None where `after` says it all (`added`). A change that may loosen the gate is a
    warning, any other passes. `file` is the path of the file with the rule.
    """

    kind: GateKind
    subject: str
    before: str | None
    after: str
    result: Outcome
    file: str = ""


@dataclass(frozen=True, slots=True)
class NotReviewed:
    """A Dockerfile that discovery leaves out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a command, ready to be rendered in any format.

    `approval_label` is the label that can approve a growth of this pull request; empty where none
    can. `limit_options` are the options (`--max-size`, `--config`) or inputs (`max-size`) that set
    limits in place of the repository's file; `config_path` is that file, empty for the usual one.
    """

    mode: Mode
    images: tuple[ImageReport, ...]
    base: Revision | None = None
    head: Revision | None = None
    reproduce_command: str = ""
    notes: tuple[str, ...] = ()
    approval: Approval | None = None
    gate_changes: tuple[GateChange, ...] = ()
    approval_label: str = ""
    limit_options: tuple[str, ...] = ()
    config_path: str = ""
    not_reviewed: tuple[NotReviewed, ...] = ()
    audit: AuditFacts | None = None
    since: SinceFacts | None = None

    @property
    def images_verdict(self) -> Outcome:
        """The worst verdict of its images; a report without images passes."""
        return Outcome.worst(image.verdict for image in self.images)

    @property
    def is_of_one_commit(self) -> bool:
        """True for a review of a commit with itself, which compares nothing."""
        if self.mode is not Mode.REVIEW or self.base is None or self.head is None:
            return False
        return self.base.sha == self.head.sha

    @property
    def gate_verdict(self) -> Outcome:
        """The worst of what the change alters in its own rules, and of a base that is no base."""
        same_commit = Outcome.WARN if self.is_of_one_commit else Outcome.PASS
        return Outcome.worst((same_commit, *(change.result for change in self.gate_changes)))

    @property
    def since_verdict(self) -> Outcome:
        """An error for an image without a size, a warning for commits that do not build."""
        if self.since is None:
            return Outcome.PASS
        if self.since.problem or any(x.newest_bytes is None for x in self.since.images):
            return Outcome.ERROR
        reasons = [part.reason for part in self.since.unexamined]
        return Outcome.WARN if RangeReason.DOES_NOT_BUILD in reasons else Outcome.PASS

    @property
    def verdict(self) -> Outcome:
        """The worst verdict of its images and of what they are judged by."""
        return Outcome.worst((self.images_verdict, self.gate_verdict, self.since_verdict))
