"""A published image in place of a build of base, and what is known of its commit."""

from dataclasses import dataclass, replace

from bot.budget.judge import ImageResult, check_budgets, image_or_none, image_verdict
from bot.compare.compare import compare_images
from bot.dockerfile.build_plan import BuildPlan
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.errors import RegistryError, ReviewError
from bot.line.existing import ExistingImage, measure_baseline
from bot.line.ports import Git
from bot.line.production import Producer
from bot.line.warning_checks import add_warning
from bot.model.check_names import BASELINE_CHECK
from bot.model.comparison import Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.image import BuildFailure, Image, MeasureFailure
from bot.model.report import Baseline, BaselineSource, ImageReport, ImageState
from bot.model.spec import ImageSpec
from bot.pull_request.event import Commit

_MAX_REVISION_LENGTH = 100  # a label of an image can have any length
_UNKNOWN_TEXT = "does not say which commit it was built from (org.opencontainers.image.revision)"
# Docker Hub answers 429 once a client without a login, or with a free one, has pulled too much.
_REFUSALS = (401, 403, 429)
_MISSING = 404


@dataclass(frozen=True, slots=True)
class PublishedBase:
    """The measured baseline of an image; `doubt` says why nothing can be held against it."""

    baseline: Baseline
    result: ImageResult
    failure: FailureCause | None = None
    doubt: str = ""
    note: str = ""


def read_baseline(
    git: Git, producer: Producer, spec: ImageSpec, base: Commit, head: ImageResult
) -> PublishedBase:
    """Measure the baseline of an image, for the platform that head was built for."""
    reference, new = spec.baseline or "", image_or_none(head)
    baseline = Baseline(BaselineSource.REGISTRY, reference=reference)
    platform = spec.platform or (new.platform if new else None) or None
    try:
        # At first without a Dockerfile: which commit's it is built from, only its label says. Its
        # layers are in the cache when it is measured again with the lines of that.
        measured = producer.measurer.measure(reference, platform=platform)
    except ReviewError as problem:
        failure = FailureCause(_classify(problem))
        return PublishedBase(baseline, MeasureFailure(problem.reason), failure)
    if not isinstance(measured, Image):
        return PublishedBase(baseline, measured)
    revision = measured.revision[:_MAX_REVISION_LENGTH]
    baseline = replace(baseline, revision=revision)
    if not revision:
        return PublishedBase(baseline, measured, doubt=f"{reference} {_UNKNOWN_TEXT}")
    # Of a branch or of another repository, it may be larger than base ever was: compared with that,
    # any growth would pass.
    if not git.is_in_history(revision, base):
        doubt = f"{reference} is of {revision[:40]}, which is not in the base's history"
        return PublishedBase(baseline, measured, doubt=doubt)
    image = ExistingImage(reference, read_plan(git, producer, spec, revision))
    result = measure_baseline(producer.measurer, image, platform, new)
    return PublishedBase(baseline, result, note=_describe(reference, revision, base))


def _describe(reference: str, revision: str, base: Commit) -> str:
    text = f"Compared with {reference} of {revision[:12]}"
    if revision == base.sha:
        return f"{text}, which is the base."
    return (
        f"{text}: the growth includes what the base itself has added since, up to {base.sha[:12]}."
    )


def read_plan(git: Git, producer: Producer, spec: ImageSpec, revision: str) -> BuildPlan | None:
    """Return the Dockerfile of an image in a commit; None without one that can be parsed."""
    text = git.read_file(revision, spec.dockerfile) if spec.dockerfile else None
    if text is None or len(text) > MAX_DOCKERFILE_BYTES:
        return None
    return producer.parse_plan(spec, text)


def judge_published(
    report: ImageReport, published: PublishedBase, head: ImageResult, skip_growth_reason: str
) -> ImageReport:
    """Return the report on head alone with the comparison with its baseline, judged."""
    report = replace(report, baseline=published.baseline)
    if isinstance(head, BuildFailure | MeasureFailure):
        return report
    new, old = image_or_none(head), image_or_none(published.result)
    if isinstance(published.result, MeasureFailure):
        return _report_unread(report, published, compare_images(None, new))
    # Only the measurement shows that: without a build of base there is no fingerprint to compare.
    is_same = old is not None and new is not None and old.image_id == new.image_id
    state = ImageState.UNCHANGED if is_same else ImageState.CHANGED
    comparison = compare_images(old, new)
    # A limit on the size is not relaxed for what an image of another history exceeds already.
    judged = Comparison(None, new) if published.doubt else comparison
    skip_reason = skip_growth_reason or published.doubt
    budgets = (report.spec.budget, report.base_budget)
    checks = check_budgets(judged, budgets, state, skip_reason)
    verdict = image_verdict(checks, state, is_dropped=report.is_dropped)
    notes = (published.note, *report.notes) if published.note else report.notes
    report = replace(
        report, state=state, verdict=verdict, comparison=comparison, checks=checks, notes=notes
    )
    if not published.doubt or skip_growth_reason:
        return report
    return add_warning(report, BASELINE_CHECK, f"the growth was not judged: {published.doubt}")


def _report_unread(
    report: ImageReport, published: PublishedBase, comparison: Comparison
) -> ImageReport:
    """Return the report on an image with a baseline that cannot be read: its size is held."""
    state, budgets = ImageState.MEASURE_FAILED, (report.spec.budget, report.base_budget)
    checks = check_budgets(comparison, budgets, state, "the baseline could not be read")
    return replace(
        report,
        state=state,
        verdict=image_verdict(checks, state),
        comparison=comparison,
        reason=f"the baseline {published.baseline.reference}: {_get_reason(published.result)}",
        failure=published.failure,
        checks=checks,
    )


def _get_reason(result: ImageResult) -> str:
    return result.reason if isinstance(result, MeasureFailure) else ""


def _classify(problem: ReviewError) -> FailureKind:
    """Return the kind of a failed request, as of a failed build."""
    if not isinstance(problem, RegistryError):
        return FailureKind.UNKNOWN
    if problem.status in _REFUSALS:
        return FailureKind.LOGIN
    return FailureKind.BASE_IMAGE if problem.status == _MISSING else FailureKind.NETWORK
