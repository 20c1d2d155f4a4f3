"""The facts of an audit that are collected while its images are measured."""

from collections.abc import Iterable
from dataclasses import replace

from bot.audit.repeated_files import RepeatedFileFinder
from bot.compare.largest_contents import find_largest_contents
from bot.compare.size_tree import MAX_PARTS_OF_MANY, make_size_tree
from bot.line.review_request import ReviewRequest
from bot.model.audit import AuditFacts
from bot.model.report import ImageReport


def condense_image(report: ImageReport, finder: RepeatedFileFinder) -> ImageReport:
    """Return a report that names the largest files, in place of all of them.

    The file trees of two hundred images do not fit into memory, nor does what each layer contains
    fit onto a page.
    """
    head = report.comparison.head
    if head is None:
        return report
    # Which images hold the same files is found while there are files.
    finder.add(report.identity, head)
    condensed = replace(
        head,
        layers=tuple(replace(layer, largest_owners=()) for layer in head.layers),
        contents=find_largest_contents(head),
        size_tree=make_size_tree(head, MAX_PARTS_OF_MANY),
        tree={},
        layer_by_path={},
        directories={},
        layer_by_directory={},
        wasted_files=(),
    )
    return replace(report, comparison=replace(report.comparison, head=condensed))


def make_audit_facts(request: ReviewRequest, finder: RepeatedFileFinder) -> AuditFacts:
    """Return what an audit says besides its images."""
    return AuditFacts(request.repository, request.made_at, finder.find())


def sort_by_size(images: Iterable[ImageReport]) -> list[ImageReport]:
    """Sort by size on disk, the largest first, and what was not measured last."""
    return sorted(images, key=_sort_key)


def _sort_key(report: ImageReport) -> tuple[int, str, str]:
    head, spec = report.comparison.head, report.spec
    return (-head.unpacked_bytes if head else 1, spec.shown_name, spec.platform or "")
