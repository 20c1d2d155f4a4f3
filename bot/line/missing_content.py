"""Warnings about contents that a build lacked on one side, or on both."""

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from bot.line.checkout import Checkout
from bot.line.fingerprints import Fingerprints
from bot.line.ports import Git
from bot.line.warning_checks import add_warning
from bot.model.check_names import LFS_CHECK, SUBMODULES_CHECK
from bot.model.report import ImageReport
from bot.model.spec import ImageSpec
from bot.project.image_plan import PlannedImage

# A file of a checkout that is a Git LFS pointer -> the object ID of the pointer.
LfsPointers = Mapping[str, str]
# A submodule that is not checked out -> its commit.
Submodules = Mapping[str, str]
_MAX_PATH = 60  # characters of a path that a sentence shows


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
    return add_warning(
        report, LFS_CHECK, f"{files} here, so that the sizes of contents are unknown"
    )


def select_submodules(
    git: Git, spec: ImageSpec | None, sha: str, submodules: Submodules
) -> Submodules:
    """Return those submodules of a commit that a build of `spec` could read."""
    if spec is None or not submodules:
        return {}
    fingerprints = Fingerprints(git, sha, git.list_files(sha))
    return {path: submodules[path] for path in fingerprints.select_sent(spec, submodules)}


def add_submodules_check(report: ImageReport, base: Submodules, head: Submodules) -> ImageReport:
    """Return the report with a warning if submodules that the builds lacked differ."""
    paths = sorted(path for path in {*base, *head} if base.get(path) != head.get(path))
    if not paths:
        return report
    names = f"submodule {paths[0]}" if len(paths) == 1 else f"submodules {', '.join(paths)}"
    return add_warning(report, SUBMODULES_CHECK, f"contents of the {names} are unknown")


def add_content_checks(
    git: Git, planned: PlannedImage, report: ImageReport, base: Checkout | None, head: Checkout
) -> ImageReport:
    """Return the report with warnings about contents that the builds lacked.

    A base that was not built here has whatever its image has.
    """
    pointers = base.worktree.lfs_pointers if base else {}
    report = add_lfs_check(report, pointers, head.worktree.lfs_pointers)
    old = select_submodules(git, planned.base, base.sha, base.worktree.submodules) if base else {}
    new = select_submodules(git, planned.head, head.sha, head.worktree.submodules)
    return add_submodules_check(report, old, new)


def explain_unwritable_files(
    git: Git, sha: str, unwritable_files: Collection[str], spec: ImageSpec
) -> str:
    """Return why a build lacks files that cannot be checked out; empty if it does not.

    Such a build would make an image of fewer files than the commit has.
    """
    if not unwritable_files:
        return ""
    sent_paths = Fingerprints(git, sha, git.list_files(sha)).select_sent(spec, unwritable_files)
    if not sent_paths:
        return ""
    path = sent_paths[0] if len(sent_paths[0]) <= _MAX_PATH else f"{sent_paths[0][:_MAX_PATH]}…"
    longest = max(
        len(name.encode(errors="surrogateescape")) for name in PurePosixPath(sent_paths[0]).parts
    )
    others = f" (and {len(sent_paths) - 1} more)" if len(sent_paths) > 1 else ""
    return (
        f"{path}{others} is in its build context and cannot be checked out: a name of {longest} "
        "bytes is longer than the file system allows; rename it, or exclude it in .dockerignore"
    )
