"""The records of a report's images, as files of a store."""

from collections.abc import Mapping

from bot.model.report import ImageReport, Report
from bot.model.sizes import format_names
from bot.records.image_detail import digest_detail, render_detail
from bot.records.record_paths import make_detail_path, make_path, split_path
from bot.records.record_writer import make_record, render_record

_MAX_NAMES = 5  # that a sentence lists


def _is_approved(image: ImageReport) -> bool:
    """Return True if a size was approved that the recorded ones do not allow."""
    return any(check.is_auto and check.approved for check in image.checks)


def make_record_files(report: Report, commit: str, date: str) -> Mapping[str, bytes]:
    """Return the files for each image that was measured at head, which is `commit`.

    An image that was not built again has its record already. One that was built without some
    contents of Git LFS files or submodules has none: its size would be taken for the real one.
    """
    files: dict[str, bytes] = {}
    for image in report.images:
        if image.recorded_at is None and not image.lacks_contents:
            files |= _make_files(image, commit, date)
    return files


def explain_unrecorded(report: Report, files: Mapping[str, bytes]) -> str:
    """Say which measured images the files leave out, and why; empty if they leave out none."""
    names = [
        image.spec.shown_name
        for image in report.images
        if image.comparison.head and image.lacks_contents
    ]
    if names:
        listed = format_names(names, _MAX_NAMES)
        return (
            f"Not recorded, since contents of Git LFS files or submodules were missing: {listed}."
        )
    return "" if files else "Nothing is recorded: no image was measured."


def count_records(files: Mapping[str, bytes]) -> int:
    """Return how many of some files are records."""
    return sum(split_path(path) is not None for path in files)


def _make_files(image: ImageReport, commit: str, date: str) -> Mapping[str, bytes]:
    head = image.comparison.head
    # Without a key nobody knows what it was built of, so that no later build could take it.
    detail = render_detail(head) if head and image.build_key else None
    record = make_record(
        image,
        commit,
        date,
        is_approved=_is_approved(image),
        detail=digest_detail(detail) if detail else "",
    )
    if record is None:
        return {}
    files = {make_path(record): render_record(record)}
    return {**files, make_detail_path(record): detail} if detail else files
