"""The ways to let an intended size pass, by where its limit is set."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.model.comparison import BaseOrHead
from bot.model.report import Approval, ImageReport, Mode
from bot.model.sizes import parse_percent, parse_size, propose_limit, propose_percent_limit
from bot.model.spec import Budget, GrowthLimit
from bot.report.page.limit_fix import describe_intention, describe_ways
from bot.report.page.page import make_page, to_plain_text
from bot.report.page.page_model import Listing, join_sentences
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
    return ways_of_all([image], **fields)


def ways_of_all(images: Sequence[ImageReport], **fields: Any) -> str:
    """Return the ways without the condition before them."""
    sentences = describe_ways(review(*images, **fields), images)
    return re.sub("^If .* is intended, ", "", to_plain_text(join_sentences(sentences)))


def by_base(image: ImageReport) -> ImageReport:
    return replace(image, base_budget=image.spec.budget)


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (GROWN, ("--max-growth",), "pass --max-growth 21MB"),
        (BOTH, ("--max-growth", "--max-size"), "pass --max-growth 21MB --max-size 32MB"),
        (GROWN, ("max-growth",), "set max-growth: 21MB in the inputs of this action"),
        (GROWN, ("--config",), "set budget: {max-growth: 21MB} for api in the file of --config"),
        (LARGE, (), f"set budget: {{max-size: 32MB}} for api in {FILE}"),
        (WASTEFUL, ("max-size",), f"set budget: {{max-waste: 9.6MB}} for api in {FILE}"),
        (LAYERED, ("--config",), "set budget: {max-layers: 2} for api in the file of --config"),
        (
            ALL,
            (),
            f"set budget: {{max-layers: 2, max-size: 32MB, max-waste: 9.6MB}} for api in {FILE}",
        ),
        (BOTH, (), f"set budget: {{max-growth: 21MB, max-size: 32MB}} for api in {FILE}"),
        (
            BOTH,
            ("max-growth",),
            "set max-growth: 21MB in the inputs of this action and set budget: {max-size: 32MB} for "
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
        "set budget: {max-size: 32MB} for api in sizes.yml, in a separate pull request to main "
        "that is merged first"
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
    assert text.endswith(f", in a separate pull request to {branch} that is merged first")


def test_a_limit_of_the_change_is_raised_in_the_change() -> None:
    (check,) = LARGE.checks
    image = replace(by_base(LARGE), checks=(replace(check, source=BaseOrHead.HEAD),))
    assert ways(image) == f"set budget: {{max-size: 32MB}} for api in {FILE}"


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
    assert describe_intention([image]) == intention


def test_an_audit_names_the_file() -> None:
    text = ways(LARGE, mode=Mode.AUDIT, base=None)
    assert text == f"set budget: {{max-size: 32MB}} for api in {FILE}"


def test_a_label_is_named_where_it_approves() -> None:
    text = ways(by_base(GROWN), approval_label=LABEL)
    assert text == (
        "set the label image-size-approved (needs write access; if no run starts then, re-run the "
        f"job). Or set budget: {{max-growth: 21MB}} for api in {FILE}, in a separate pull request to "
        "main that is merged first"
    )
    for image in (LARGE, BOTH, WASTEFUL, LAYERED):
        assert LABEL not in ways(image, approval_label=LABEL)


def test_a_label_that_is_set_already_is_set_again() -> None:
    approval = Approval(LABEL, "alice", "then", is_valid=True)
    text = ways(GROWN, approval_label=LABEL, approval=approval)
    assert text.startswith("remove the label image-size-approved and set it again (needs")


COMMON = budget(max_growth="1MB", common=frozenset({"max-growth"}))


def grow(sizes: Sequence[int], limits: Budget = COMMON) -> list[ImageReport]:
    """Build images that grew by so many megabytes, named by their position."""
    return [
        compared(_OLD, f"FROM a 10MB / RUN x {size}MB", limits, f"i{position}")
        for position, size in enumerate(sizes)
    ]


def test_each_image_gets_the_limit_that_its_own_growth_needs() -> None:
    assert ways_of_all(grow([3, 12, 3])) == (
        "set budget: {max-growth: 3.2MB} for i0 and i2, and budget: {max-growth: 13MB} for i1 "
        f"in {FILE}"
    )


def test_an_option_or_an_input_is_one_limit_for_all() -> None:
    images = grow([3, 12])
    assert ways_of_all(images, limit_options=("--max-growth",)) == "pass --max-growth 13MB"
    expected = "set max-growth: 13MB in the inputs of this action"
    assert ways_of_all(images, limit_options=("max-growth",)) == expected


def test_many_images_with_one_limit_get_one_and_their_exception_another() -> None:
    assert ways_of_all(grow([50, 3, 3, 3, 3, 3])) == (
        "set budget: {max-growth: 3.2MB} at the top level, and budget: {max-growth: 54MB} for i0, "
        f"in {FILE}"
    )


def test_one_budget_serves_growths_that_differ_a_little() -> None:
    images = grow([30, 32, 30, 1, 30, 31])
    assert ways_of_all(images) == f"set budget: {{max-growth: 34MB}} at the top level of {FILE}"
    text = ways_of_all(list(map(by_base, images)))
    assert text.endswith(
        f"{{max-growth: 34MB}} at the top level of {FILE}, in a separate pull request to main "
        "that is merged first"
    )
    text = ways_of_all(images, limit_options=("--config",))
    assert text == "set budget: {max-growth: 34MB} at the top level of the file of --config"


def test_limits_in_percent_are_raised_in_percent_for_all_images() -> None:
    limits = Budget(max_growth=GrowthLimit(percent=5), common=frozenset({"max-growth"}))
    text = ways_of_all(grow([3, 3, 3, 3, 3], limits))
    assert text == f"set budget: {{max-growth: 32%}} at the top level of {FILE}"


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(budget(max_growth="1MB"), id="of the images' entries"),
        pytest.param(
            Budget(max_growth=GrowthLimit(MB, 5), common=frozenset({"max-growth"})),
            id="a percentage, which may be more for larger images",
        ),
    ],
)
def test_limits_that_cannot_be_raised_for_all_images_are_listed(limits: Budget) -> None:
    images = grow([3, 3, 3, 3, 3], limits)
    assert ways_of_all(images) == f"set the listed limits (see the details) in {FILE}"


def test_a_limit_of_its_own_is_an_exception() -> None:
    own = compared(_OLD, "FROM a 10MB / RUN x 3MB", budget(max_growth="2MB"), "other")
    assert ways_of_all([*grow([3, 3, 3, 3, 3]), own]) == (
        "set budget: {max-growth: 3.2MB} at the top level, and budget: {max-growth: 3.2MB} for "
        f"other, in {FILE}"
    )


def read_list(images: Sequence[ImageReport]) -> dict[str, int]:
    """Return the limits in the file that the page writes out, by the names of their images."""
    (section,) = make_page(review(*images)).findings
    listing = next(block for block in section.blocks if isinstance(block, Listing))
    entries = YAML(typ="safe").load("\n".join(listing.lines))["images"]
    assert all(entry["dockerfile"] == f"{entry['name']}/Dockerfile" for entry in entries)
    return {entry["name"]: parse_size(entry["budget"]["max-growth"]) for entry in entries}


@given(st.lists(st.integers(2, 60), min_size=1, max_size=10), st.booleans())
def test_what_is_written_holds_each_growth(sizes: list[int], is_shared: bool) -> None:
    images = grow(sizes)
    if not is_shared:
        own = replace(COMMON, common=frozenset())
        images[0] = replace(images[0], spec=replace(images[0].spec, budget=own))
    text = ways_of_all(images)
    least = {f"i{position}": size * MB for position, size in enumerate(sizes)}
    if "see the details" in text:
        limits = read_list(images)
        assert len(images) > 4
    else:
        limits = read_limits(text, list(least))
    assert limits.keys() == least.keys()
    for name, size in least.items():
        assert 1.05 * size <= limits[name]
    if not is_shared and len(images) > 4:
        assert "i0" in text or "see the details" in text
    if len(images) <= 4:
        assert all(limits[name] <= 1.1 * size for name, size in least.items())


def read_limits(text: str, names: Sequence[str]) -> dict[str, int]:
    """Return the limits in a sentence, by the names of their images."""
    common = re.findall(r"\{max-growth: ([\w.]+)\} at the top level", text)
    limits = {name: parse_size(limit) for limit in common for name in names}
    groups = re.findall(r"\{max-growth: ([\w.]+)\} for ([^{]*?)(?=, and budget|$|,? in )", text)
    for limit, images in groups:
        limits |= dict.fromkeys(re.findall(r"i\d+", images), parse_size(limit))
    return limits


def test_a_platform_is_no_entry_of_the_file() -> None:
    image = replace(GROWN, spec=replace(GROWN.spec, platform="linux/arm64"))
    larger = compared(_OLD, "FROM a 10MB / RUN x 30MB", budget(max_growth="5MB"))
    other = replace(larger, spec=replace(larger.spec, platform="linux/amd64"))
    expected = f"set budget: {{max-growth: 32MB}} for api in {FILE}"
    assert ways_of_all([image, other]) == expected


def test_images_over_different_limits_get_one_budget_each() -> None:
    job = replace(LARGE, spec=replace(LARGE.spec, name="job"))
    text = ways_of_all([GROWN, job], approval_label=LABEL)
    assert text == (
        "set budget: {max-growth: 21MB} for api, and budget: {max-size: 32MB} for job in " + FILE
    )


def test_a_limit_in_percent_is_raised_in_percent() -> None:
    image = compared(_OLD, "FROM a 10MB / RUN x 1MB", Budget(max_growth=GrowthLimit(percent=5)))
    assert ways(image) == f"set budget: {{max-growth: 10.5%}} for api in {FILE}"
    both = compared(_OLD, _NEW, Budget(max_growth=GrowthLimit(MB, 5)))
    assert ways(both) == f"set budget: {{max-growth: 21MB}} for api in {FILE}"


def test_an_estimate_is_let_pass_with_its_error() -> None:
    (check,) = GROWN.checks
    assert "{max-growth: 26MB}" in ways(replace(GROWN, checks=(replace(check, margin=2 * MB),)))


@given(st.integers(0, 10**15))
def test_a_proposed_limit_has_a_margin_and_not_much_more(size: int) -> None:
    limit = parse_size(propose_limit(size))
    assert 1.05 * size <= limit <= max(1.1 * size, size + 1)
    assert limit > size


@given(st.integers(1, 10**12), st.floats(0.1, 1000))
def test_a_proposed_percentage_holds_the_size(size: int, factor: float) -> None:
    base = int(size * factor) + 1
    percent = parse_percent(propose_percent_limit(size, base))
    assert size <= int(base * percent / 100)
