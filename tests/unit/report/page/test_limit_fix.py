"""The ways to let an intended size pass, by where its limit is set."""

import re
from collections.abc import Sequence
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


def grow(sizes: Sequence[int]) -> list[ImageReport]:
    """Build images that grew by so many megabytes, named by their position."""
    return [
        compared(_OLD, f"FROM a 10MB / RUN x {size}MB", budget(max_growth="1MB"), f"i{position}")
        for position, size in enumerate(sizes)
    ]


def ways_of_all(images: Sequence[ImageReport], **fields: Any) -> str:
    return to_plain_text(describe_ways(review(*images, **fields), images))


def test_each_image_gets_the_limit_that_its_own_growth_needs() -> None:
    assert ways_of_all(grow([3, 12, 3])) == (
        "set budget: {max-growth: 3MB} for i0 and i2, and budget: {max-growth: 15MB} for i1 "
        f"in {FILE}"
    )


def test_an_option_or_an_input_is_one_limit_for_all() -> None:
    images = grow([3, 12])
    assert ways_of_all(images, limit_options=("--max-growth",)) == "pass --max-growth 15MB"
    expected = "set max-growth: 15MB in the inputs of this action"
    assert ways_of_all(images, limit_options=("max-growth",)) == expected


def test_exceptions_share_a_limit_where_there_are_many() -> None:
    assert ways_of_all(grow([50, 3, 3, 4, 4, 6, 7, 8])) == (
        "set budget: {max-growth: 3MB} for i1 and i2, and budget: {max-growth: 4MB} for i3 and i4, "
        "and budget: {max-growth: 50MB} for i0, and budget: {max-growth: 8MB} for i5, i6 and i7 "
        f"in {FILE}"
    )


@given(st.lists(st.integers(2, 60), min_size=1, max_size=10))
def test_what_is_written_holds_each_growth_and_no_more_where_it_is_short(sizes: list[int]) -> None:
    text = ways_of_all(grow(sizes))
    groups = re.findall(r"\{max-growth: (\w+)\} for ([^{]*?)(?=, and budget|$| in )", text)
    limits = {
        int(number): parse_size(limit)
        for limit, names in groups
        for number in re.findall(r"i(\d+)", names)
    }
    least = [parse_size(round_limit_up(size * MB)) for size in sizes]
    assert len(groups) <= 4
    assert len(limits) == len(sizes)
    assert all(limits[position] >= limit for position, limit in enumerate(least))
    if len(set(least)) <= 4:
        assert [limits[position] for position in range(len(sizes))] == least


def test_an_estimate_is_let_pass_with_its_error() -> None:
    (check,) = GROWN.checks
    assert "{max-growth: 25MB}" in ways(replace(GROWN, checks=(replace(check, margin=2 * MB),)))


@given(st.integers(0, 10**15))
def test_a_round_limit_is_never_exceeded_and_not_much_more(size: int) -> None:
    limit = parse_size(round_limit_up(size))
    assert size <= limit <= max(size * 3 // 2, size + 50)
