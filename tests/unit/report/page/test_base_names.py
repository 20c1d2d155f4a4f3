"""The first lines call the older side by its branch, and "base" means a base image."""

import re
from dataclasses import replace

import pytest

from bot.model.failures import FailureCause, FailureKind
from bot.model.report import FORK_POINT, ImageState, Report, Revision
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import compared, review
from tests.support.report_cases import CASES

_OLD = "FROM python 200MB"


def with_base(report: Report, ref: str) -> Report:
    return replace(report, base=Revision(ref, "ba5e" * 10))


def read_lead(report: Report) -> str:
    """Return what this program says in the first lines, without names from outside."""
    page = make_page(report)
    parts = (*page.headline, *page.why, *page.next_step)
    return " ".join(part for part in parts if isinstance(part, str))


@pytest.mark.parametrize("name", CASES)
def test_base_alone_is_no_word_of_the_first_lines(name: str) -> None:
    lead = read_lead(with_base(CASES[name](), "main"))
    assert not re.search(r"\bbase\b(?! images?\b)", re.sub(r"--base|base-ref", "", lead))


@pytest.mark.parametrize(
    ("ref", "where"),
    [
        ("main", "on main"),
        ("origin/release-1.2", "on origin/release-1.2"),
        ("HEAD~1", "in the base revision"),
        ("ba5eba5eba5e", "in the base revision"),
        (FORK_POINT, "at the fork point of the default branch"),
    ],
)
def test_a_build_that_fails_is_on_the_branch_of_the_older_side(ref: str, where: str) -> None:
    failure = FailureCause(FailureKind.INSTRUCTION)
    broken = compared(
        None, _OLD, state=ImageState.BASE_BUILD_FAILED, failure=failure, reason="exit code: 1"
    )
    page = make_page(with_base(review(broken), ref))
    assert to_plain_text(page.headline).endswith(f"because it does not build {where}")
    assert to_plain_text(page.why) == f"api/Dockerfile {where} fails: exit code: 1."


@pytest.mark.parametrize(
    ("ref", "name"), [("main", "main"), ("HEAD", "the base revision"), ("", "the base revision")]
)
def test_one_commit_for_both_sides_is_called_by_the_branch(ref: str, name: str) -> None:
    report = review()
    assert report.head is not None
    same = replace(report, base=replace(report.head, ref=ref))
    headline = to_plain_text(make_page(same).headline)
    assert headline == f"Nothing was compared: {name} and this change are the same commit"
