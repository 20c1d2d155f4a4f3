"""Numbers in the first three lines: their sum, their sign and their bound, for any two images."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.report import ImageReport
from bot.model.sizes import parse_size
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
    return compared(old, new, budget(max_growth="1MB"), suggestions=(suggested,))


def _printed_range(text: str) -> tuple[float, float]:
    """Return the range of sizes that are printed as a text of three digits."""
    size = parse_size(text)
    return size * 0.994, size * 1.006


@settings(max_examples=400, deadline=None)
@given(report=pairs())
def test_every_number_is_within_what_it_explains(report: ImageReport) -> None:
    page = make_page(review(report))
    headline, why, fix = (to_plain_text(x) for x in (page.headline, page.why, page.next_step))
    delta = report.comparison.delta
    assert delta is not None
    growth = delta.unpacked_bytes
    _check_headline(headline, growth)
    _check_cause(why, growth)
    for saved, excess in re.findall(rf"saves {_SIZE} of the {_SIZE} too much", fix):
        low, high = _printed_range(excess)
        assert low <= growth - 1_000_000 <= high
        (rest,) = re.findall(rf"; {_SIZE} too much remain", fix)
        assert abs(parse_size(saved) + parse_size(rest) - parse_size(excess)) <= 0.02 * growth


def _check_headline(headline: str, growth: int) -> None:
    words = {True: "grew by", False: "shrank by"}
    if growth:
        (size,) = re.findall(rf"{words[growth > 0]} {_SIZE}", headline)
        low, high = _printed_range(size)
        assert low <= abs(growth) <= high
    assert words[growth <= 0] not in headline


def _check_cause(why: str, growth: int) -> None:
    """Check that a line adds at most the growth and what the others save, and owners no more."""
    if downloads := re.findall(rf"{_SIZE} to download", why):
        assert parse_size(downloads[0]) > abs(growth)
        return
    if not growth:
        return
    verb, against = ("adds", "save") if growth > 0 else ("saves", "add")
    (caused,) = re.findall(rf" {verb} {_SIZE}", why)
    undone = re.findall(rf"while the other changes {against} {_SIZE}", why)
    net = parse_size(caused) - sum(map(parse_size, undone))
    assert net <= abs(growth) + 0.01 * parse_size(caused)
    replaced = sum(map(parse_size, re.findall(rf"; {_SIZE} of other contents", why)))
    for size in re.findall(rf"\({_SIZE}\)", why) + re.findall(rf"it stores {_SIZE}", why):
        assert parse_size(size) <= 1.02 * (parse_size(caused) + replaced)
