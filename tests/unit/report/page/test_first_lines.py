"""Numbers in the first three lines: their sum, their sign and their bound, for any two images."""

import re
from dataclasses import replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from bot.model.metric import Metric
from bot.model.report import ImageReport, Outcome
from bot.model.sizes import parse_size
from bot.report.page import image_facts
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, image, review
from tests.support.report_cases import suggestion

_SIZE = r"(\d[\d.]* [kMG]?B)"
_KINDS = ("deb gcc 12", "pypi numpy 2.1", "/var/lib/apt/lists", "/srv/data")
_AMOUNTS = st.integers(0, 400).map(lambda size: size * 1_000_000)


@st.composite
def layers(draw: st.DrawFn, line: int) -> str:
    """Draw a layer with its owners, and what it copies of the layer below it."""
    owners = draw(st.lists(st.sampled_from(_KINDS), min_size=1, max_size=3, unique=True))
    sizes = [draw(_AMOUNTS) for _ in owners]
    pairs = ", ".join(f"{owner} {size}B" for owner, size in zip(owners, sizes, strict=True))
    copied = draw(st.sampled_from([0, sum(sizes) // 2])) if line > 2 else 0
    copies = f" copies {copied}B of {line - 1} in /d" if copied else ""
    return f"RUN step-{line} {sum(sizes)}B ~{draw(st.integers(1, 2))}{copies} ({pairs})"


@st.composite
def pairs(draw: st.DrawFn) -> ImageReport:
    """Draw the comparison of two images of up to four lines with a budget and a suggestion."""
    worlds = [
        " / ".join(
            [f"FROM debian {draw(_AMOUNTS)}B"]
            + [draw(layers(line)) for line in range(2, draw(st.integers(2, 5)))]
        )
        for _ in range(2)
    ]
    line = draw(st.integers(1, 4))
    suggested = suggestion(
        saving_bytes=draw(_AMOUNTS), line_start=line, line_end=line, verification=None
    )
    old, new = (image(world) for world in worlds)
    metric = draw(st.sampled_from(Metric))
    sizes = draw(st.sampled_from([{"max_growth": "1MB"}, {"max_size": "300MB"}, {}]))
    return compared(old, new, budget(**sizes, metric=metric), suggestions=(suggested,))


def _printed_range(text: str) -> tuple[float, float]:
    """Return the range of sizes that are printed as a text of three digits."""
    size = parse_size(text)
    return size * 0.994, size * 1.006


@settings(max_examples=400, deadline=None)
@given(report=pairs())
def test_every_number_is_within_what_it_explains(report: ImageReport) -> None:
    page = make_page(review(report))
    headline, why, fix = (to_plain_text(x) for x in (page.headline, page.why, page.next_step))
    note(f"{headline}\n{why}\n{fix}")
    growth, metric = _growth(report), image_facts.find_metric(report)
    _check_headline(headline, report, growth)
    if metric is Metric.UNPACKED and "to download" not in why and "again with" not in why:
        _check_cause(why, growth)
        _check_whole(why, growth)
    elif "on disk it" not in why:
        _check_whole(why, growth if "on disk)" in why else _growth(report, Metric.UNPACKED))
    for saved, excess in re.findall(rf"saves {_SIZE} of the {_SIZE} too much", fix):
        low, high = _printed_range(excess)
        assert any(low <= size <= high for size in _excesses(report))
        (rest,) = re.findall(rf"Then {_SIZE} too much remain", fix)
        assert abs(parse_size(saved) + parse_size(rest) - parse_size(excess)) <= 0.02 * high


@settings(max_examples=200, deadline=None)
@given(reports=st.lists(pairs(), min_size=2, max_size=5))
def test_of_several_images_each_number_is_that_of_the_image_named(
    reports: list[ImageReport],
) -> None:
    named = [
        replace(report, spec=replace(report.spec, name=f"i{number}", dockerfile=f"i{number}/D"))
        for number, report in enumerate(reports)
    ]
    by_name = {report.spec.name: report for report in named}
    headline = to_plain_text(make_page(review(*named)).headline)
    note(headline)
    changes = re.findall(rf"(i\d) (grew|shrank) by {_SIZE}", headline)
    for name, verb, size in changes:
        low, high = _printed_range(size)
        assert low <= _growth(by_name[name]) * (1 if verb == "grew" else -1) <= high
    downloads = {
        name: report.comparison.delta.pull_delta_bytes
        for name, report in by_name.items()
        if report.comparison.delta
    }
    for name, size in re.findall(rf"; to update (i\d), a machine pulls {_SIZE}", headline):
        low, high = _printed_range(size)
        assert low <= downloads[name] <= high
    unsaid = [name for name in by_name if _is_dwarfing(by_name[name])]
    if by_name and not any(image.verdict is Outcome.FAIL for image in named):
        assert bool(unsaid) == ("a machine pulls" in headline)


def _is_dwarfing(report: ImageReport) -> bool:
    delta = report.comparison.delta
    assert delta is not None
    return delta.pull_delta_bytes >= max(10_000_000, 10 * abs(delta.compressed_bytes))


def _growth(report: ImageReport, metric: Metric | None = None) -> int:
    delta = report.comparison.delta
    assert delta is not None
    return delta.size(metric or image_facts.find_metric(report))


def _excesses(report: ImageReport) -> list[int]:
    return [
        check.observed - check.limit for check in report.checks if check.observed and check.limit
    ]


def _check_headline(headline: str, report: ImageReport, growth: int) -> None:
    """Check the sign and the amount of the growth, and the size and the download."""
    delta, head = report.comparison.delta, report.comparison.head
    assert delta is not None
    assert head is not None
    printed = [
        (rf"grew by {_SIZE}", growth),
        (rf"shrank by {_SIZE}", -growth),
        (rf"a machine pulls {_SIZE}", delta.pull_delta_bytes),
        (rf"old image download {_SIZE}", delta.pull_delta_bytes),
        (rf"(?:grew by [^;]*? to|stays at|→) {_SIZE}", head.size(image_facts.find_metric(report))),
    ]
    for pattern, expected in printed:
        for size in re.findall(pattern, headline)[:1]:
            low, high = _printed_range(size)
            assert low <= expected <= high


def _check_cause(why: str, growth: int) -> None:
    """Check that a line adds at most the growth and what the others save, and owners no more."""
    if not growth:
        return
    verb, against = ("adds", "save") if growth > 0 else ("saves", "add")
    caused = re.findall(rf" {verb} {_SIZE}", why)[0]
    undone = re.findall(rf"while the other changes {against} {_SIZE}", why)
    net = parse_size(caused) - sum(map(parse_size, undone))
    assert net <= abs(growth) + 0.01 * parse_size(caused)
    replaced = sum(map(parse_size, re.findall(rf"; {_SIZE} of other files", why)))
    for size in re.findall(rf"\({_SIZE}\)", why) + re.findall(rf"it stores {_SIZE}", why):
        assert parse_size(size) <= 1.02 * (parse_size(caused) + replaced)


def _check_whole(why: str, growth: int) -> None:
    """Check that what is said to add and to save is the growth, or four fifths of it and more."""
    if not growth or not re.search(rf"(?:adds?|saves?) {_SIZE}", why):
        return
    signed = [
        (1 if verb == "add" else -1) * parse_size(size)
        for verb, size in re.findall(rf" (add|save)s? ≈?{_SIZE}", why)
    ]
    named, whole = sum(signed), abs(growth)
    error = 0.006 * sum(map(abs, signed))
    # Two large numbers may be printed alike: `saves 100 MB`, `add 100 MB` of 400 kB less.
    assert named * growth > 0 or abs(named) <= error
    assert 0.8 * whole - error <= abs(named) <= whole + error
    if len(signed) > 1:
        assert abs(abs(named) - whole) <= error + 0.006 * whole
