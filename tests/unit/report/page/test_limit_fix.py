"""The ways to let an intended size pass, by where its limit is set."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.comparison import BaseOrHead
from bot.model.report import Approval, ImageReport, Mode
from bot.model.sizes import parse_size, round_limit_up
from bot.model.spec import Budget, GrowthLimit
from bot.report.page.limit_fix import describe_intention, describe_ways
from bot.report.page.page import to_plain_text
from tests.support.image_world import BASE, budget, compared, review

MB = 1_000_000
_OLD, _NEW = "FROM a 10MB", "FROM a 10MB / RUN x 20MB"
GROWN = compared(_OLD, _NEW, budget(max_growth="5MB"))
LARGE = compared(_OLD, _NEW, budget(max_size="15MB"))
BOTH = compared(_OLD, _NEW, budget("15MB", "5MB"))
_WASTED = "FROM a 10MB / RUN x 20MB waste 9MB"
WASTEFUL = compared(_OLD, _WASTED, Budget(max_waste=GrowthLimit(MB)))
LAYERED = compared(_OLD, _NEW, Budget(max_layers=1))
ALL = compared(_OLD, _WASTED, Budget(15 * MB, max_waste=GrowthLimit(MB), max_layers=1))
LABEL = "image-size-approved"
FILE = ".github/image-size.yml"


def ways(image: ImageReport, **fields: Any) -> str:
    return to_plain_text(describe_ways(review(image, **fields), [image]))


def by_base(image: ImageReport) -> ImageReport:
    return replace(image, base_budget=image.spec.budget)


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (GROWN, ("--max-growth",), "pass --max-growth 20MB"),
        (BOTH, ("--max-growth", "--max-size"), "pass --max-growth 20MB --max-size 30MB"),
        (GROWN, ("max-growth",), "set max-growth: 20MB in the inputs of this action"),
        (GROWN, ("--config",), "set budget: {max-growth: 20MB} for api in the file of --config"),
        (LARGE, (), f"set budget: {{max-size: 30MB}} for api in {FILE}"),
        (WASTEFUL, ("max-size",), f"set budget: {{max-waste: 9MB}} for api in {FILE}"),
        (LAYERED, ("--config",), "set budget: {max-layers: 2} for api in the file of --config"),
        (
            ALL,
            (),
            f"set budget: {{max-layers: 2, max-size: 30MB, max-waste: 9MB}} for api in {FILE}",
        ),
        (BOTH, (), f"set budget: {{max-growth: 20MB, max-size: 30MB}} for api in {FILE}"),
        (
            BOTH,
            ("max-growth",),
            "set max-growth: 20MB in the inputs of this action and set budget: {max-size: 30MB} for "
            f"api in {FILE}",
        ),
    ],
)
def test_a_limit_is_raised_where_it_is_set(
    image: ImageReport, options: tuple[str, ...], expected: str
) -> None:
    assert ways(image, limit_options=options) == expected


def test_a_limit_of_base_is_raised_by_a_change_of_its_own() -> None:
    expected = (
        "set budget: {max-size: 30MB} for api in sizes.yml on main first, by a change of its own"
    )
    assert ways(by_base(LARGE), config_path="sizes.yml") == expected


@pytest.mark.parametrize(
    ("ref", "branch"),
    [
        ("fork point of the default branch", "the default branch"),
        ("origin/main", "origin/main"),
        ("release-1.2", "release-1.2"),
        ("HEAD~1", "the base branch"),
        ("main@{yesterday}", "the base branch"),
        ("ba5eba5eba5e", "the base branch"),
        ("before the push", "the base branch"),
        ("HEAD", "the base branch"),
        ("", "the base branch"),
    ],
)
def test_a_limit_of_base_is_raised_on_a_branch(ref: str, branch: str) -> None:
    text = ways(by_base(LARGE), base=replace(BASE, ref=ref))
    assert text.endswith(f" on {branch} first, by a change of its own")


def test_a_limit_of_the_change_is_raised_in_the_change() -> None:
    (check,) = LARGE.checks
    image = replace(by_base(LARGE), checks=(replace(check, source=BaseOrHead.HEAD),))
    assert ways(image) == f"set budget: {{max-size: 30MB}} for api in {FILE}"


@pytest.mark.parametrize(
    ("image", "intention"),
    [
        (GROWN, "the growth"),
        (LARGE, "the size"),
        (BOTH, "the size"),
        (WASTEFUL, "the waste"),
        (LAYERED, "the number of layers"),
        (ALL, "this"),
    ],
)
def test_what_may_be_intended_is_what_is_limited(image: ImageReport, intention: str) -> None:
    assert describe_intention(image) == intention


def test_an_audit_names_the_file() -> None:
    text = ways(LARGE, mode=Mode.AUDIT, base=None)
    assert text == f"set budget: {{max-size: 30MB}} for api in {FILE}"


def test_a_label_is_named_where_it_approves() -> None:
    text = ways(by_base(GROWN), approval_label=LABEL)
    assert text == (
        "set the label image-size-approved (needs write access; if that starts no run, re-run the "
        f"job after labelling), or set budget: {{max-growth: 20MB}} for api in {FILE} on main first, by a "
        "change of its own"
    )
    for image in (LARGE, BOTH, WASTEFUL, LAYERED):
        assert LABEL not in ways(image, approval_label=LABEL)


def test_a_label_that_is_set_already_is_set_again() -> None:
    approval = Approval(LABEL, "alice", "then", is_valid=True)
    text = ways(GROWN, approval_label=LABEL, approval=approval)
    assert text.startswith("remove the label image-size-approved and set it again (needs")


def test_one_value_lets_all_images_pass_that_grew_together() -> None:
    small = compared(_OLD, "FROM a 10MB / RUN x 21MB", budget(max_growth="5MB"), "web")
    text = to_plain_text(describe_ways(review(GROWN, small), [GROWN, small]))
    assert text == f"set budget: {{max-growth: 25MB}} for api and web in {FILE}"


def test_an_estimate_is_let_pass_with_its_error() -> None:
    (check,) = GROWN.checks
    assert "{max-growth: 25MB}" in ways(replace(GROWN, checks=(replace(check, margin=2 * MB),)))


@given(st.integers(0, 10**15))
def test_a_round_limit_is_never_exceeded_and_not_much_more(size: int) -> None:
    limit = parse_size(round_limit_up(size))
    assert size <= limit <= max(size * 3 // 2, size + 50)
