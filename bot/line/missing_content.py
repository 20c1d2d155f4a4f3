"""Warnings about contents that a build lacked on one side, or on both."""

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from bot.line.checkout import Checkout
from bot.line.fingerprints import Fingerprints
from bot.line.ports import Git
from bot.line.revision_chains import list_specs
from bot.line.warning_checks import add_warning
from bot.model.check_names import LFS_CHECK, SUBMODULES_CHECK
from bot.model.report import ImageReport
from bot.model.spec import ImageSpec
from bot.project.file_tree import select_below
from bot.project.git_tree import GitTree
from bot.project.image_chains import ChainedImage
from bot.project.image_plan import PlannedImage, is_out_of_tree, list_context_folders

# A file of a checkout that is a Git LFS pointer -> the object ID of the pointer.
LfsPointers = Mapping[str, str]
# A submodule that is not checked out -> its commit.
Submodules = Mapping[str, str]
_MAX_PATH = 60  # characters of a path that a sentence shows


def add_lfs_check(report: ImageReport, base: LfsPointers, head: LfsPointers) -> ImageReport:
    """Return the report with a warning if pointers that the builds got differ between the sides.

    The same pointer on both sides makes no difference to the growth. A pointer for which one side
    has the content, or another pointer, stands for bytes that nobody has measured.
    """
    count = sum(base.get(path) != head.get(path) for path in {*base, *head})
    if not count:
        return report
    files = "1 Git LFS file is a pointer" if count == 1 else f"{count} Git LFS files are pointers"
    return add_warning(
        report, LFS_CHECK, f"{files} here, so that the sizes of contents are unknown"
    )


def select_pointers(spec: ImageSpec, tree: GitTree, pointers: LfsPointers) -> LfsPointers:
    """Return those pointers of a commit that are in a context of `spec`, ignored or not."""
    if spec.needs.preparation or is_out_of_tree(spec, tree):
        return pointers
    paths = sorted(pointers)
    folders = (spec.context, *list_context_folders(spec))
    return {path: pointers[path] for x in folders for path in select_below(paths, x)}


def select_submodules(
    git: Git, spec: ImageSpec | None, sha: str, submodules: Submodules
) -> Submodules:
    """Return those submodules of a commit that a build of `spec` could read."""
    return _select_sent(git, spec, sha, submodules) if spec else {}


def _select_sent(
    git: Git, spec: ImageSpec, sha: str, contents: Mapping[str, str]
) -> Mapping[str, str]:
    if not contents:
        return {}
    fingerprints = Fingerprints(git, sha, git.list_files(sha))
    return {path: contents[path] for path in fingerprints.select_sent(spec, contents)}


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

    Those of the images that it is built on count as well: not all of them have a report of their
    own. A base that was not built here has whatever its image has.
    """
    old = _find_missing_content(git, planned.base_chain, base) if base else ({}, {})
    new = _find_missing_content(git, planned.head_chain, head)
    report = add_lfs_check(report, old[0], new[0])
    return add_submodules_check(report, old[1], new[1])


def _find_missing_content(
    git: Git, image: ChainedImage | None, checkout: Checkout
) -> tuple[LfsPointers, Submodules]:
    """Return the pointers and submodules that a build and those before it could read."""
    pointers, submodules = dict[str, str](), dict[str, str]()
    sha, tree = checkout.sha, git.list_files(checkout.sha)
    for spec in list_specs(image) if image else ():
        in_context = select_pointers(spec, tree, checkout.worktree.lfs_pointers)
        pointers |= _select_sent(git, spec, sha, in_context)
        submodules |= select_submodules(git, spec, sha, checkout.worktree.submodules)
    return pointers, submodules


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
    # File systems limit a name in bytes, of which a character may have four.
    longest = max(
        len(name.encode(errors="surrogateescape")) for name in PurePosixPath(sent_paths[0]).parts
    )
    others = f" (and {len(sent_paths) - 1} more)" if len(sent_paths) > 1 else ""
    return (
        f"{path}{others} is in its build context and cannot be checked out: a name of {longest} "
        "bytes is longer than the file system allows; rename it, or exclude it in .dockerignore"
    )
