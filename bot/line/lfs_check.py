"""A warning about Git LFS files that a build had as pointers on one side, or on both."""

from collections.abc import Mapping
from dataclasses import replace

from bot.model.image import Metric
from bot.model.report import LFS_CHECK, Check, ImageReport, Outcome

# A file of a checkout that is a Git LFS pointer -> the object ID of the pointer.
LfsPointers = Mapping[str, str]


def add_lfs_check(report: ImageReport, base: LfsPointers, head: LfsPointers) -> ImageReport:
    """Return the report with a warning if pointers of the context differ between the sides.

    The same pointer on both sides makes no difference to the growth. A pointer for which one side
    has the content, or another pointer, stands for bytes that nobody has measured.
    """
    context = report.spec.context
    prefix = "" if context == "." else f"{context}/"
    paths = {path for path in (*base, *head) if path.startswith(prefix)}
    count = sum(base.get(path) != head.get(path) for path in paths)
    if not count:
        return report
    files = "1 Git LFS file is a pointer" if count == 1 else f"{count} Git LFS files are pointers"
    reason = f"{files} here, so that the sizes of contents are unknown"
    check = Check(LFS_CHECK, Metric.UNPACKED, None, None, Outcome.WARN, reason)
    verdict = Outcome.worst((report.verdict, check.result))
    return replace(report, checks=(*report.checks, check), verdict=verdict)
