"""`measure` and `diff`: images that exist already; nothing is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.adapters.cache.layers import open_layer_cache
from bot.adapters.cache.reports import open_report_cache
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.image_sources import ImageSources, StoredImage
from bot.adapters.progress import make_progress
from bot.adapters.temporary_folders import sweep_dead_folders
from bot.cli.options.commands import ExistingImageOptions
from bot.cli.output import write_redacted_report, write_report
from bot.line.existing import diff_references, measure_reference
from bot.line.measurer import Measurer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.cli.options.commands import DiffOptions, MeasureOptions
    from bot.model.report import Report


def run_existing(options: MeasureOptions | DiffOptions, environment: Mapping[str, str]) -> int:
    """Measure one image or compare two, and write the report."""
    # Imports take longer than to find a report that was kept: each is made where it is needed.
    if options.logins:
        from bot.adapters.registry.login_variable import add_logins

        environment = add_logins(environment, options.logins)
    if options.rules == ExistingImageOptions():
        report, is_kept = _measure(options, environment)
        write = write_redacted_report if is_kept else write_report
        return write(report, options.output)
    # More to import, which a plain measurement need not wait for.
    from bot.cli.existing_rules import judge_existing

    return write_report(judge_existing(options, environment), options.output)


class _FoundReport(NamedTuple):
    """A report; one that was kept has been redacted."""

    report: Report
    is_kept: bool


def _measure(options: MeasureOptions | DiffOptions, environment: Mapping[str, str]) -> _FoundReport:
    handle = EngineHandle(environment, sweep_dead_folders())
    try:
        return _find_report(options, environment, handle)
    finally:
        handle.close()


def _find_report(
    options: MeasureOptions | DiffOptions, environment: Mapping[str, str], handle: EngineHandle
) -> _FoundReport:
    """Return the report that was kept of the same images (by the engine's IDs), or a new one."""
    sources = ImageSources(environment, handle)
    # A report that was kept has no files, which the page for browsers shows.
    cache = None if "html" in options.output.formats else open_report_cache(environment)

    def find_images() -> list[StoredImage]:
        return [sources.find_stored_image(reference) for reference in options.references]

    images = find_images() if cache else []
    image_ids = [image.image_id for image in images]
    key = options.references, image_ids, options.platform, options.compressed
    # Without an ID (in a registry, in an archive) nothing shows that an image is the same.
    report = cache.load(key) if cache and all(image_ids) else None
    if report and _agrees_with_engine(report, images):
        return _FoundReport(report, is_kept=True)
    layer_cache = open_layer_cache(environment, measure_compression=options.compressed)
    progress = make_progress(is_quiet=options.output.is_quiet)
    measurer = Measurer(sources, progress, layer_cache)
    if options.skips_digest_check:
        measurer.trust_digests()
    report = _make_report(measurer, options.references, options.platform)
    # Not if a tag has moved while its image was read.
    if cache and all(image_ids) and images == find_images():
        cache.save(key, report)
    return _FoundReport(report, is_kept=False)


def _agrees_with_engine(report: Report, images: Sequence[StoredImage]) -> bool:
    """Return True unless the engine contradicts a size of a report that was kept."""
    if len(report.images) != 1:
        return False
    comparison = report.images[0].comparison
    measured = [comparison.base, comparison.head] if len(images) == 2 else [comparison.head]
    return all(stored.may_have(image) for stored, image in zip(images, measured, strict=True))


def _make_report(measurer: Measurer, references: tuple[str, ...], platform: str | None) -> Report:
    if len(references) == 1:
        return measure_reference(measurer, references[0], platform)
    return diff_references(measurer, references[0], references[1], platform)
