"""A record of base in place of a build of it, for a head that passes with it.

Only a plain pass counts: whatever is more than that is judged by a build of base.
"""

from dataclasses import dataclass, replace

from bot.budget.judge import check_budgets, image_or_none, image_verdict
from bot.compare.compare import compare_images
from bot.compare.rebuilt_layers import (
    drop_replaced_layers,
    list_rebuilt_layers,
    measure_base_drift,
    sum_rebuilt_bytes,
)
from bot.line.build_input import BuildInput
from bot.line.build_keys import list_builds, make_build_key
from bot.line.checkout import Checkout
from bot.line.judged_image import compare_and_judge
from bot.line.known_images import KnownImages
from bot.line.production import Producer, Production
from bot.line.ratchets import follow_image
from bot.line.recorded_images import RecordedImages
from bot.model.image import Image
from bot.model.metric import Metric
from bot.model.report import Baseline, BaselineSource, ImageReport, ImageState, Outcome
from bot.model.sizes import format_size
from bot.project.image_plan import PlannedImage
from bot.records.record import Record

_PASSING_STATES = (ImageState.CHANGED, ImageState.UNCHANGED)


@dataclass(frozen=True, slots=True)
class KnownPair:
    """An image of which both sides could be built: the inputs, and base's checkout."""

    planned: PlannedImage
    base: Checkout
    sources: tuple[BuildInput, BuildInput]


@dataclass(frozen=True, slots=True)
class KnownBaseline:
    """The record of base's image, and the image; the inputs take what the record was built on."""

    pair: KnownPair
    record: Record
    image: Image


def find_known_baseline(
    known_images: KnownImages, producer: Producer, pair: KnownPair, *, keeps_bases: bool
) -> KnownBaseline | None:
    """Return what is recorded of base's build; None if nothing is that fits.

    Head is then built on the images from outside that the record names, where they can still be
    had. Not if it `keeps_bases`: then only a record counts that names those of today.
    """
    planned, sources = pair.planned, pair.sources
    if planned.base is None:
        return None
    # The head of an accepted change is recorded itself. Built on older images, its record would say
    # nothing of what its next build makes.
    inputs, pins = known_images.digest_inputs(planned.base_chain, pair.base), producer.pin(*sources)
    key = make_build_key(inputs, producer, sources[0], pins) if keeps_bases else None
    if keeps_bases and key is None:
        return None
    for record, image in known_images.list_images(planned.base, inputs, key):
        digests = _select_older(producer, sources, record)
        # Both sides: if base has to be built after all, it is built on what head was built on.
        old, new = (source.take_digests(digests) for source in sources)
        return KnownBaseline(replace(pair, sources=(old, new)), record, image)
    return None


def _select_older(
    producer: Producer, sources: tuple[BuildInput, BuildInput], record: Record
) -> dict[str, str]:
    """Return the digests of a record that are not today's: only these take other builds."""
    today: dict[str, str] = {}
    for source in sources:
        for _, pins in list_builds(producer, source, producer.pin(source)):
            today.update(pins.digests)
    digests = record.build.key.digests if record.build else {}
    return {name: digest for name, digest in digests.items() if today.get(name) != digest}


def judge_known(
    recorded: RecordedImages, baseline: KnownBaseline, new: Production, skip_growth_reason: str
) -> ImageReport | None:
    """Return the report on head beside the record of base; None if base has to be built.

    So it has if the image does not plainly pass, or if too much of it was only built again.
    """
    head, sources = image_or_none(new.result), baseline.pair.sources
    if head is None or not _is_comparable(baseline.image, head):
        return None
    old = Production(sources[0], new.pins, baseline.image)
    report = compare_and_judge(baseline.pair.planned, old, new, skip_growth_reason)
    # A limit of `max-size: auto` follows the records, and is set in the report only at the end of
    # the review. A head that then does not pass needs a build of base, too.
    followed = follow_image(report, recorded)
    if followed.verdict is not Outcome.PASS or report.state not in _PASSING_STATES:
        return None
    rebuilt = _find_rebuilt(report, sources)
    if rebuilt is None or not _passes_at_most(followed, skip_growth_reason):
        return None
    record = baseline.record
    return replace(
        report,
        baseline=Baseline(BaselineSource.HISTORY, record.commit),
        notes=(_describe(record, rebuilt), *report.notes),
    )


def _is_comparable(old: Image, new: Image) -> bool:
    """Return True if both were read in the same way, so that no size differs for that reason."""
    ways = [(x.read_method, x.hash_algorithm, x.compressed_exact) for x in (old, new)]
    return ways[0] == ways[1]


def _passes_at_most(report: ImageReport, skip_growth_reason: str) -> bool:
    """Return True if the image passes with the largest growth that there may be."""
    base, head = report.comparison.base, report.comparison.head
    if base is None or head is None:
        return False
    # Packages may have become smaller since base was measured, and head may have added as much.
    comparison = compare_images(drop_replaced_layers(base, head), head)
    budgets = (report.spec.budget, report.base_budget)
    checks = check_budgets(comparison, budgets, report.state, skip_growth_reason)
    return image_verdict(checks, report.state) is Outcome.PASS


def _find_rebuilt(report: ImageReport, sources: tuple[BuildInput, BuildInput]) -> int | None:
    """Return the bytes that were only built again; None if they are more than may be ignored.

    Each rule of base and head ignores its own, and what head says alone loosens nothing.
    """
    base, head = report.comparison.base, report.comparison.head
    if base is None or head is None:
        return None
    has_same_base = sources[0].base_image == sources[1].base_image
    pairs = list_rebuilt_layers(base, head)

    def measure(metric: Metric) -> int:
        drift = measure_base_drift(base, head, metric) if has_same_base else 0
        return drift + sum_rebuilt_bytes(pairs, metric)

    for budget in (report.spec.budget, report.base_budget or report.spec.budget):
        # A layer of the same size may still hide other files than before.
        is_unsure = bool(pairs) and budget.metric is Metric.FILESYSTEM
        # Of both, since reports show sizes on disk whatever the budget is about.
        largest = max(measure(Metric.UNPACKED), measure(budget.metric))
        if is_unsure or largest > budget.ignore_below:
            return None
    return measure(Metric.UNPACKED)


def _describe(record: Record, rebuilt_bytes: int) -> str:
    text = (
        f"Base was not built again: it was measured at {record.commit[:12]} ({record.date[:10]}), "
        "and nothing that goes into it has changed since."
    )
    if not rebuilt_bytes:
        return text
    return (
        f"{text} Instructions that did not change account for {format_size(rebuilt_bytes)} of the "
        "difference, which counts as growth like any other."
    )
