"""The revision that a change is compared with, by the name that its readers know."""

import re

from bot.model.report import FORK_POINT, Report
from bot.report.page.page_model import Phrase, Untrusted

# What a revision has that no branch has: an expression, a description in words, or a commit's hash.
_NO_BRANCH = re.compile(r"[\s~^:]|@\{|^(HEAD|@)?$|^[0-9a-f]{7,64}$")


def name_branch(ref: str) -> str | Untrusted:
    """Return the branch of a base: a commit, or a place in the history, is none."""
    if ref == FORK_POINT:
        return "the default branch"
    return Untrusted(ref, 100) if _is_branch(ref) else "the base branch"


def locate_base(report: Report) -> Phrase:
    """Say where the older side of a review is: ` on main`, or ` in the base revision`."""
    ref = report.base.ref if report.base else ""
    if ref == FORK_POINT:
        return (f" at the {FORK_POINT}",)
    return (" on ", Untrusted(ref, 100)) if _is_branch(ref) else (" in the base revision",)


def describe_same_commit(report: Report) -> Phrase:
    """Say that a review has one commit for both sides, so that nothing can differ."""
    ref = report.base.ref if report.base else ""
    name = Untrusted(ref, 100) if _is_branch(ref) else "the base revision"
    return (name, " and this change are the same commit")


def _is_branch(ref: str) -> bool:
    return ref != FORK_POINT and not _NO_BRANCH.search(ref)
