"""Git LFS files and submodules of which a build lacked the contents."""

from dataclasses import replace

import pytest

from bot.budget.untrusted_report import rejudge
from bot.line.missing_content import add_lfs_check, add_submodules_check, select_pointers
from bot.model.check_names import SUBMODULES_CHECK
from bot.model.report import Outcome
from bot.model.spec import BuildNeeds, ImageSpec, Preparation
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import compared, review
from tests.support.report_cases import suggestion

REPORT = compared("FROM a 10MB", "FROM a 10MB / RUN x 20MB", name="api/Dockerfile")
SPEC = ImageSpec("api", "api/Dockerfile", "api")
POINTERS = {"api/a": "1", "api2/a": "2", "lib/a": "3"}


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ({}, {}),
        ({"a": "1"}, {"a": "1"}),
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
    report = add_lfs_check(REPORT, base, head)
    assert (REPORT.verdict, report.verdict) == (Outcome.PASS, Outcome.WARN)
    assert "1 Git LFS file is a pointer" in report.checks[-1].reason


@pytest.mark.parametrize(
    ("spec", "tree", "paths"),
    [
        (SPEC, {}, {"api/a"}),
        (replace(SPEC, context="."), {}, set(POINTERS)),
        (replace(SPEC, build_contexts={"shared": "lib"}), {}, {"api/a", "lib/a"}),
        (replace(SPEC, context="link"), {"link": "120000 f"}, set(POINTERS)),
        (replace(SPEC, context="sub/x"), {"sub": "160000 f"}, set(POINTERS)),
        (
            replace(SPEC, needs=BuildNeeds(preparation=Preparation("busybox", ("make",)))),
            {},
            set(POINTERS),
        ),
    ],
)
def test_pointers_that_a_build_can_read(
    spec: ImageSpec, tree: dict[str, str], paths: set[str]
) -> None:
    assert select_pointers(spec, tree, POINTERS) == {path: POINTERS[path] for path in paths}


def test_the_warning_stays_where_a_report_is_judged_again() -> None:
    report = add_lfs_check(REPORT, {}, {"a": "1", "b": "2"})
    assert "2 Git LFS files are pointers" in report.checks[-1].reason
    assert rejudge(review(report)).verdict is Outcome.WARN


def test_the_same_unknown_submodules_are_no_warning() -> None:
    assert add_submodules_check(REPORT, {}, {}) == REPORT
    assert add_submodules_check(REPORT, {"app/sm": "1"}, {"app/sm": "1"}) == REPORT


@pytest.mark.parametrize(
    ("base", "head"),
    [({"app/sm": "1"}, {"app/sm": "2"}), ({"app/sm": "1"}, {}), ({}, {"app/sm": "1"})],
)
def test_unknown_submodules_that_differ_are_a_warning(
    base: dict[str, str], head: dict[str, str]
) -> None:
    report = add_submodules_check(REPORT, base, head)
    assert (REPORT.verdict, report.verdict) == (Outcome.PASS, Outcome.WARN)
    check = report.checks[-1]
    assert (check.name, check.reason) == (
        SUBMODULES_CHECK,
        "contents of the submodule app/sm are unknown",
    )
    assert rejudge(review(report)).images[0].checks[-1] == check


def test_the_next_step_is_to_fetch_contents_before_any_suggestion() -> None:
    report = add_submodules_check(REPORT, {}, {"app/sm": "1"})
    report = replace(report, suggestions=(suggestion(),))
    next_step = to_plain_text(make_page(review(report)).next_step)
    assert "submodules: true (or recursive) in actions/checkout" in next_step
    assert "git submodule update --init" in next_step


def test_all_unknown_submodules_that_differ_are_named() -> None:
    report = add_submodules_check(REPORT, {"a": "1", "b": "1", "c": "1"}, {"b": "1", "c": "2"})
    assert report.checks[-1].reason == "contents of the submodules a, c are unknown"
