"""Git LFS files that a build had as pointers."""

import pytest

from bot.budget.untrusted_report import rejudge
from bot.line.lfs_check import add_lfs_check
from bot.model.report import Outcome
from tests.support.image_world import compared, review

REPORT = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", name="api/Dockerfile")
FOLDER = REPORT.spec.context


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ({}, {}),
        ({f"{FOLDER}/a": "1"}, {f"{FOLDER}/a": "1"}),
        ({"elsewhere/a": "1"}, {"elsewhere/a": "2"}),
        ({f"{FOLDER}2/a": "1"}, {}),
    ],
)
def test_pointers_that_make_no_difference_are_no_warning(
    base: dict[str, str], head: dict[str, str]
) -> None:
    assert add_lfs_check(REPORT, base, head) == REPORT


@pytest.mark.parametrize(
    ("base", "head"), [({"a": "1"}, {"a": "2"}), ({"a": "1"}, {}), ({}, {"a": "1"})]
)
def test_pointers_that_differ_are_a_warning(base: dict[str, str], head: dict[str, str]) -> None:
    in_context = [{f"{FOLDER}/{path}": oid for path, oid in side.items()} for side in (base, head)]
    report = add_lfs_check(REPORT, *in_context)
    assert (REPORT.verdict, report.verdict) == (Outcome.PASS, Outcome.WARN)
    assert "1 Git LFS file is a pointer" in report.checks[-1].reason


def test_the_warning_stays_where_a_report_is_judged_again() -> None:
    report = add_lfs_check(REPORT, {}, {f"{FOLDER}/a": "1", f"{FOLDER}/b": "2"})
    assert "2 Git LFS files are pointers" in report.checks[-1].reason
    assert rejudge(review(report)).verdict is Outcome.WARN
