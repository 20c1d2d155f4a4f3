"""The first three lines of a report on an image with too much waste, or too many layers."""

from dataclasses import replace

import pytest

from bot.model.report import ImageReport
from bot.model.spec import Budget, GrowthLimit
from bot.model.suggestion import Confidence, Suggestion
from bot.report.document.report_document import from_document, to_document
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, image, review

MB = 1_000_000
OLD = "FROM a 10MB"
WASTE, LAYERS = Budget(max_waste=GrowthLimit(MB)), Budget(max_layers=1)


def lines(report: ImageReport) -> tuple[str, str, str]:
    page = make_page(review(report))
    headline, why, step = map(to_plain_text, (page.headline, page.why, page.next_step))
    return headline, why, step


@pytest.mark.parametrize(
    ("effect", "why", "step"),
    [
        (
            "RUN b 0B removes 9MB of 2 in /srv",
            "Line 2, RUN a, holds 9.00 MB in /srv/file that line 3 removes.",
            "Remove files in the instruction that creates them: line 2 of api/Dockerfile",
        ),
        (
            "RUN b 9MB overwrites 9MB of 2 in /srv",
            "Line 2, RUN a, holds 9.00 MB in /srv/file that line 3 replaces.",
            "Write files once, in their last form: line 2 of api/Dockerfile",
        ),
        (
            "RUN b 9MB copies 9MB of 2 in /srv",
            "Line 2, RUN a, holds 9.00 MB in /srv/file that line 3 stores again.",
            "Set owner and mode in the instruction that creates the files: line 2 of api/Dockerfile",
        ),
    ],
)
def test_waste_is_named_with_what_hides_it(effect: str, why: str, step: str) -> None:
    headline, cause, fix = lines(compared(OLD, f"{OLD} / RUN a 12MB / {effect}", WASTE))
    assert headline == "Over budget: api has 9.00 MB of waste (limit: 1 MB)"
    assert cause == why
    raising = "If the waste is intended, set budget: {max-waste: 9.6MB} for api in .github/image-size.yml."
    assert fix == f"{step}. {raising}"


def test_the_layer_that_wastes_most_is_named_where_its_files_are_not_known() -> None:
    head = "FROM a 10MB waste 9MB / RUN a 12MB waste 3MB / RUN b 12MB waste 4MB / RUN c 1MB"
    _, why, step = lines(compared(OLD, head, WASTE))
    assert why == "Line 3, RUN b, holds 4.00 MB that later layers hide."
    assert "line 3 of api/Dockerfile" in step


def test_layers_are_counted() -> None:
    headline, why, step = lines(compared(OLD, f"{OLD} / RUN a 1MB / RUN b 0B", LAYERS))
    assert headline == "Over budget: api has 3 layers (limit: 1)"
    assert why == "2 layers of this Dockerfile, and 1 of its base image."
    assert step == (
        "Use fewer instructions that write files. If the number of layers is intended, set "
        "budget: {max-layers: 3} for api in .github/image-size.yml."
    )


def test_both_limits_are_named() -> None:
    both = replace(WASTE, max_layers=1)
    headline, why, _ = lines(compared(OLD, f"{OLD} / RUN a 12MB waste 3MB", both))
    assert headline == (
        "Over budget: api has 3.00 MB of waste (limit: 1 MB) and 2 layers (limit: 1)"
    )
    assert why.startswith("Line 2, RUN a, holds 3.00 MB")


def test_beside_another_limit_the_growth_comes_first() -> None:
    limits = replace(budget("15MB"), max_waste=GrowthLimit(MB), max_layers=9)
    headline, _, step = lines(compared(OLD, f"{OLD} / RUN a 12MB waste 3MB", limits))
    assert (
        headline == "Over budget: api grew by 12.0 MB to 22.0 MB; limits: 15 MB and 1 MB of waste"
    )
    assert "set budget: {max-size: 24MB, max-waste: 3.2MB} for api in" in step


def test_what_was_so_before_warns_with_its_number() -> None:
    world = f"{OLD} / RUN a 12MB waste 3MB"
    headline, why, _ = lines(compared(world, f"{world} / RUN b 1MB", WASTE))
    assert headline == (
        "api is 23.0 MB: 3.00 MB of waste, 2.00 MB over the limit, as it was before this change "
        "(±0 B)"
    )
    assert why.startswith("Line 2, RUN a, holds 3.00 MB")


@pytest.mark.parametrize(
    ("lines_at", "is_named"), [((2, 3), True), ((3, 3), True), ((1, 1), False)]
)
def test_a_suggestion_at_the_lines_that_waste_is_the_step(
    lines_at: tuple[int, int], *, is_named: bool
) -> None:
    start, end = lines_at
    suggestion = Suggestion(
        *("removed-in-a-later-layer", "Remove the files where they are created", ""),
        confidence=Confidence.MEASURED,
        line_start=start,
        line_end=end,
        saving_bytes=9 * MB,
    )
    head = f"{OLD} / RUN a 12MB / RUN b 0B removes 9MB of 2 in /srv"
    _, _, step = lines(replace(compared(OLD, head, WASTE), suggestions=(suggestion,)))
    assert ("which saves 9.00 MB (measured)" in step) is is_named
    assert "the waste is intended, set budget: {max-waste: 9.6MB} for api in" in step


def test_a_report_that_was_read_says_the_same() -> None:
    report = review(compared(image(OLD), f"{OLD} / RUN a 12MB waste 3MB", WASTE))
    again = from_document(to_document(report))
    assert make_page(again).why == make_page(report).why
