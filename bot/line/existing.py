"""Images that somebody else has built: measured, compared, held against budgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.budget.judge import ImageResult, check_budgets, final_state, image_or_none, image_verdict
from bot.compare.compare import compare_images
from bot.image.build_history import has_wrong_lines, is_from_another_dockerfile
from bot.line.warning_checks import add_warning
from bot.model.check_names import BASELINE_CHECK
from bot.model.image import BaseImage, Image, MeasureFailure
from bot.model.image_location import parse_location
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.spec import Budget, ImageSpec

if TYPE_CHECKING:  # to import them takes longer than to measure a small image
    from bot.dockerfile.build_plan import BuildPlan
    from bot.image.archives.manifest_resolver import ScannedImage
    from bot.image.layer_analysis import LayerAnalysis
    from bot.line.measurer import Measurer

_NO_BASE_REASON = "there is no older image to compare with"


@dataclass(frozen=True, slots=True)
class ExistingImage:
    """An image by its reference, and the plan of its Dockerfile, if that is known."""

    reference: str
    plan: BuildPlan | None = None


@dataclass(frozen=True, slots=True)
class ExistingPair:
    """The images to compare, `base` the older one, and what they are judged by.

    `spec` has the name, the platform, the Dockerfile and head's budget, `base_budget` that of
    base's rules.
    """

    spec: ImageSpec
    head: ExistingImage
    base: ExistingImage | None = None
    base_budget: Budget | None = None
    skip_growth_reason: str = ""
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """The results of measuring both images; `base` is None where there is none."""

    head: ImageResult
    base: ImageResult = None
    notes: tuple[str, ...] = ()


def measure_reference(measurer: Measurer, reference: str, platform: str | None = None) -> Report:
    """Report on one image, without limits."""
    pair = ExistingPair(_make_spec(reference), ExistingImage(reference))
    return Report(Mode.MEASURE, (judge_pair(pair, measure_pair(measurer, pair, platform)),))


def diff_references(measurer: Measurer, old: str, new: str, platform: str | None = None) -> Report:
    """Compare the second of two images with the first, without limits; both are of one platform."""
    pair = ExistingPair(_make_spec(new), ExistingImage(new), ExistingImage(old))
    return Report(Mode.DIFF, (judge_pair(pair, measure_pair(measurer, pair, platform)),))


def measure_pair(measurer: Measurer, pair: ExistingPair, platform: str | None) -> MeasuredPair:
    """Measure both images of a pair, for one platform.

    An index has an image for each platform: without `platform`, head is read for that of base.
    """
    if pair.base is None:
        head, head_fits = _measure_fitting(measurer, pair.head, platform)
        return MeasuredPair(head, notes=() if head_fits else _note_other_file(pair.spec))
    read_base = measurer.read(pair.base.reference, platform=platform)
    if not platform and not isinstance(read_base, MeasureFailure):
        platform = read_base.platform or None
    read_head = measurer.read(pair.head.reference, platform=platform)
    common = measurer.analyse_common_layers(read_base, read_head)
    base, base_fits = _evaluate_fitting(measurer, read_base, pair.base, common and common.copy())
    head, head_fits = _evaluate_fitting(measurer, read_head, pair.head, common)
    if not head_fits:
        if pair.base.plan and base_fits:
            # Layers of one Dockerfile and of none would not be paired.
            base = measurer.evaluate(read_base, pair.base.reference)
        return MeasuredPair(head, base, _note_other_file(pair.spec))
    old, new = image_or_none(base), image_or_none(head)
    if old and new and (pair.base.plan is None or not base_fits):
        base = _mark_common_base(old, new)
    return MeasuredPair(head, base)


def _note_other_file(spec: ImageSpec) -> tuple[str, ...]:
    return (
        f"The image was not built from the current {spec.dockerfile}, so the report names no lines "
        "and suggests nothing.",
    )


def _measure_fitting(
    measurer: Measurer, image: ExistingImage, platform: str | None
) -> tuple[ImageResult, bool]:
    read_image = measurer.read(image.reference, platform=platform)
    return _evaluate_fitting(measurer, read_image, image)


def _evaluate_fitting(
    measurer: Measurer,
    read_image: ScannedImage | MeasureFailure,
    image: ExistingImage,
    analysis: LayerAnalysis | None = None,
) -> tuple[ImageResult, bool]:
    """Measure an image with the lines of its Dockerfile, or without if it is of another one.

    No line is better than a wrong one.
    """
    stages = image.plan.final_stages if image.plan else ()
    result = measurer.evaluate(read_image, image.reference, stages, analysis=analysis)
    measured = image_or_none(result)
    if measured is None or not _is_of_another_file(measured, image.plan):
        return result, True
    return measurer.evaluate(read_image, image.reference), False


def measure_baseline(
    measurer: Measurer, image: ExistingImage, platform: str | None, new: Image | None
) -> ImageResult:
    """Measure a published image, with the lines of its own Dockerfile where that fits."""
    result, fits = _measure_fitting(measurer, image, platform)
    old = image_or_none(result)
    return _mark_common_base(old, new) if old and new and not fits else result


def judge_pair(pair: ExistingPair, measured: MeasuredPair) -> ImageReport:
    """Compare the images of a pair and hold them against its budgets."""
    has_base = pair.base is not None
    final = final_state(
        ImageState.CHANGED if has_base else ImageState.NO_BASELINE, measured.base, measured.head
    )
    # Two images that are the same one were compared all the same.
    state = ImageState.CHANGED if final.state is ImageState.UNCHANGED else final.state
    comparison = compare_images(image_or_none(measured.base), image_or_none(measured.head))
    skip_reason = pair.skip_growth_reason or ("" if has_base else _NO_BASE_REASON)
    checks = check_budgets(comparison, (pair.spec.budget, pair.base_budget), state, skip_reason)
    report = ImageReport(
        spec=pair.spec,
        state=state,
        verdict=image_verdict(checks, state, is_dropped=pair.is_dropped),
        comparison=comparison,
        reason=final.reason,
        checks=checks,
        notes=measured.notes,
        base_budget=pair.base_budget,
        is_dropped=pair.is_dropped,
    )
    return report if has_base or pair.skip_growth_reason else _warn_of_growth(report)


def _warn_of_growth(report: ImageReport) -> ImageReport:
    """Return the report on an image alone with a warning if there is a limit on its growth."""
    # A limit that nobody could judge must not be green without a word.
    if not any(check.is_about_growth for check in report.checks):
        return report
    return add_warning(report, BASELINE_CHECK, f"the growth was not judged: {_NO_BASE_REASON}")


def _make_spec(reference: str) -> ImageSpec:
    return ImageSpec(name=reference, dockerfile="", context="")


def _is_of_another_file(image: Image, plan: BuildPlan | None) -> bool:
    stages = plan.final_stages if plan else ()
    return bool(stages) and (
        is_from_another_dockerfile(image.layers, stages[-1].instructions)
        or has_wrong_lines(image.layers)
    )


def _mark_common_base(old: Image, new: Image) -> Image:
    """Return the older image with the layers marked that it shares with the newer one's base.

    Its own Dockerfile is not known, and the lines of another one would be wrong.
    """
    inherited = [layer for layer in new.layers if layer.from_base_image]
    base = BaseImage(tuple(layer.diff_id for layer in inherited))
    count = len(base.diff_ids)
    if tuple(layer.diff_id for layer in old.layers[:count]) != base.diff_ids:
        return old
    marked = tuple(
        replace(layer, from_base_image=True, instruction=source.instruction)
        for layer, source in zip(old.layers, inherited, strict=False)
    )
    return replace(old, layers=(*marked, *old.layers[count:]))


def strip_version(reference: str) -> str:
    """Return a reference without tag and digest, which differ from run to run.

    One that names a file or a folder stays as it is.
    """
    location = parse_location(reference)
    if not (location.is_in_engine or reference.startswith("docker://")):
        return reference
    name = location.name.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    # A colon before the last slash is that of a port.
    return f"{folder}{slash}{last.partition(':')[0]}" or reference
