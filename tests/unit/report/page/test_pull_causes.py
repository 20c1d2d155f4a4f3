"""The first three lines of a report on a download over its limit."""

from dataclasses import replace

import pytest

from bot.model.metric import Metric
from bot.model.report import ImageReport
from bot.model.spec import Budget, GrowthLimit
from bot.report.document.report_document import from_document, to_document
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, image, review

LIMITS = budget(max_growth="10MB", metric=Metric.PULL)
OLD = "FROM a 100MB / COPY x 5MB / RUN y 100MB"
LABEL = "image-size-approved"


def lines(report: ImageReport, label: str = "") -> tuple[str, str, str]:
    page = make_page(review(report, approval_label=label))
    headline, why, step = map(to_plain_text, (page.headline, page.why, page.next_step))
    return headline, why, step


def test_the_line_that_makes_a_large_layer_new_is_named() -> None:
    """Nothing grew: what the limit is about is not the change of the size."""
    headline, why, step = lines(compared(OLD, OLD.replace("5MB", "5MB ~2") + " ~2", LIMITS))
    assert headline == (
        "Over budget: api makes machines with the old image download 42.0 MB (limit: 10 MB)"
    )
    assert why == (
        "Line 3, RUN y, is a new layer with 40.0 MB to download; the first new one is line 2, "
        "COPY x."
    )
    assert step == (
        "Move line 2 of api/Dockerfile below line 3; in its place, copy only the files that the "
        "lines in between read. If the download is intended, set budget: {max-growth: 46MB} for "
        "api in .github/image-size.yml."
    )


def test_the_label_lets_a_download_pass() -> None:
    assert f"set the label {LABEL}" in lines(compared(OLD, OLD + " ~2", LIMITS), LABEL)[2]


@pytest.mark.parametrize(
    ("after", "why", "step"),
    [
        (f"{OLD} ~2", "Line 3, RUN y, is a new layer with 40.0 MB", "Look at line 3 of api/"),
        (
            "FROM a 100MB ~2 / COPY x 5MB ~2 / RUN y 100MB ~2",
            "Line 1, FROM a, is a new layer with 40.0 MB",
            "Look at line 1 of api/",
        ),
        (
            "FROM a 10MB ~2 / COPY x 5MB ~2 / RUN y 100MB ~2",
            "Line 3, RUN y, is a new layer with 40.0 MB to download; the first new one is line 1",
            "Look at line 3 of api/",
        ),
    ],
)
def test_no_order_helps_where_the_largest_layer_is_the_first_or_the_base_is_new(
    after: str, why: str, step: str
) -> None:
    _, cause, fix = lines(compared(OLD, after, LIMITS))
    assert cause.startswith(why)
    assert fix.startswith(step)


def test_a_download_and_waste_are_both_named() -> None:
    limits = replace(LIMITS, max_waste=GrowthLimit(1_000_000))
    headline, why, step = lines(compared(OLD, f"{OLD} ~2 waste 9MB", limits))
    assert headline == (
        "Over budget: api makes machines with the old image download 40.0 MB (limit: 10 MB) and "
        "has 9.00 MB of waste (limit: 1 MB)"
    )
    assert why.startswith("Line 3, RUN y, is a new layer with 40.0 MB to download")
    assert step.endswith(
        "If this is intended, set budget: {max-growth: 42MB, max-waste: 9.6MB} for api in "
        ".github/image-size.yml."
    )


def test_an_estimate_is_marked() -> None:
    old, new = (image(x, exact=False, compressed_error=0.02) for x in (OLD, f"{OLD} ~2"))
    headline, why, _ = lines(compared(old, new, LIMITS))
    assert "download ≈40.0 MB ±800 kB (limit: 10 MB)" in headline
    assert "≈40.0 MB to download" in why


def test_sizes_are_compressed_ones_and_the_limit_is_in_the_table() -> None:
    limits = replace(LIMITS, max_size=200_000_000)
    page = make_page(review(compared(OLD, f"{OLD} / COPY z 5MB", limits)))
    cells = [to_plain_text(cell) for cell in page.rows[0].cells]
    assert cells[1:4] == ["+2.00 MB", "84.0 MB compressed", "≤ 200 MB, 10 MB to pull"]
    assert to_plain_text(page.headline) == (
        "Within budget: api grew by 2.00 MB to 84.0 MB compressed; limits: 200 MB and 10 MB to pull"
    )


def test_beside_another_limit_the_growth_comes_first() -> None:
    limits = replace(LIMITS, max_size=83_000_000)
    headline, _, step = lines(compared(OLD, f"{OLD} / COPY z 50MB", limits))
    assert headline == (
        "Over budget: api grew by 20.0 MB to 102 MB compressed; limits: 83 MB and 10 MB to pull"
    )
    assert "set budget: {max-growth: 21MB, max-size: 110MB} for api in" in step


def test_a_limit_that_warns_says_what_is_downloaded() -> None:
    budget_ = Budget(warn_growth=LIMITS.max_growth, metric=Metric.PULL)
    headline, *_ = lines(compared(OLD, f"{OLD} ~2", budget_))
    assert headline.endswith("30.0 MB more to pull than the 10 MB allowed without a warning")


def test_a_report_that_was_read_says_the_same() -> None:
    report = review(compared(OLD, f"{OLD} ~2", LIMITS))
    again = make_page(from_document(to_document(report)))
    page = make_page(report)
    assert (again.headline, again.why) == (page.headline, page.why)


_WEIGHTS = "FROM python 100MB / COPY . . 2MB / RUN fetch-weights 720MB"


def test_a_download_that_dwarfs_the_growth_is_said_with_the_order_that_saves_it() -> None:
    after = _WEIGHTS.replace("2MB", "2.001MB ~2") + " ~2 ="
    headline, why, fix = lines(compared(_WEIGHTS, after, budget(max_growth="10MB")))
    assert headline == (
        "Within budget: api grew by 1.00 kB to 822 MB; limit: +10 MB; to update, a machine pulls "
        "289 MB"
    )
    assert why == (
        "Line 2, COPY . ., changed, so line 3 is downloaded again with the same content: 288 MB."
    )
    assert fix == (
        "Nothing. Optional: move line 2 of api/Dockerfile below line 3; in its place, copy "
        "only the files that the lines in between read (saves up to 288 MB of the download)."
    )


@pytest.mark.parametrize(
    ("changed", "why", "fix"),
    [
        pytest.param(
            "COPY . . 2MB ~2 / RUN a 300MB ~2 = / RUN b 350MB ~2 = / RUN c 5MB ~2 =",
            "Line 2, COPY . ., changed, so lines 3, 4 and 5 are downloaded again with the same "
            "content: 262 MB.",
            "move line 2 of api/Dockerfile below line 4; in its place, copy only the files",
            id="many layers, of which none is half",
        ),
        pytest.param(
            "RUN fetch 2MB ~2 / RUN a 300MB ~2 = / RUN b 350MB ~2 = / RUN c 5MB ~2 =",
            "Line 2, RUN fetch, changed, so lines 3, 4 and 5 are downloaded again",
            "below line 4, if the lines in between do not need it (saves up to 262 MB of the",
            id="a command, which others may need",
        ),
        pytest.param(
            "COPY . . 2MB / RUN a 300MB ~2 = / RUN b 350MB ~2 = / RUN c 5MB ~2 =",
            "Lines 3, 4 and 5 are downloaded again with the same content: 262 MB.",
            "find out why line 3 was built again: a changed ARG or ENV above it, or a build",
            id="no line changed",
        ),
    ],
)
def test_the_lowest_line_that_changed_goes_below_those_that_did_not(
    changed: str, why: str, fix: str
) -> None:
    old = f"FROM a 100MB / {changed}".replace(" ~2", "").replace(" =", "")
    old = old.replace("RUN fetch", "COPY . .") if "fetch" not in changed else old
    headline, cause, step = lines(compared(old, f"FROM a 100MB / {changed}"))
    assert headline.startswith("api was rebuilt and stays at 757 MB; to update, a machine pulls 26")
    assert cause.startswith(why)
    assert fix in step


def test_a_base_image_that_was_rebuilt_is_why_all_is_downloaded() -> None:
    old = "FROM nvidia/cuda:12 4GB / COPY . /app 4MB"
    new = "FROM nvidia/cuda:12 4GB ~2 / COPY . /app 4MB ~2 ="
    headline, why, fix = lines(compared(old, new, budget(max_growth="10MB")))
    assert headline == "api was rebuilt and stays at 4.00 GB; to update, a machine pulls 1.60 GB"
    assert why == (
        "The base image changed (FROM nvidia/cuda:12): its new layers have 1.60 GB to download."
    )
    assert fix == (
        "Nothing. Optional: pin the base image to a digest: it was updated under the same tag."
    )


def test_a_small_base_image_is_why_what_is_on_it_is_downloaded() -> None:
    old = "FROM alpine 8MB / RUN fetch 400MB"
    _, why, _ = lines(compared(old, "FROM alpine 8MB ~2 / RUN fetch 400MB ~2 ="))
    assert why == (
        "The base image changed (FROM alpine), so line 2 is downloaded again with the same "
        "content: 160 MB."
    )


def test_the_largest_download_is_said_for_any_image() -> None:
    web = compared("FROM nginx 50MB / COPY d 9MB", "FROM nginx 50MB / COPY d 14MB ~2", name="web")
    after = _WEIGHTS.replace("2MB", "2.001MB ~2") + " ~2 ="
    larger = after.replace("720MB", "900MB")
    for count, end in ((1, ""), (2, "; 1 more image with a large download")):
        images = [
            compared(_WEIGHTS, after, name="ml"),
            compared(_WEIGHTS.replace("720MB", "900MB"), larger, name="train"),
        ]
        page = make_page(review(web, *images[-count:]))
        headline = to_plain_text(page.headline)
        assert headline.endswith(f"changed; to update train, a machine pulls 361 MB{end}")
        assert "train/Dockerfile" in to_plain_text(page.next_step)


def test_an_image_over_budget_has_its_download_in_the_second_line() -> None:
    after = _WEIGHTS.replace("2MB", "3MB ~2") + " ~2 ="
    headline, why, _ = lines(compared(_WEIGHTS, after, budget(max_growth="500kB")))
    assert headline.endswith("limit: +500 kB")
    assert why.endswith("a machine with the old image pulls 289 MB.")


def test_no_order_saves_the_download_of_a_line_that_changed_itself_or_of_another_base() -> None:
    for before, after in (("720MB", "720.1MB ~2"), ("FROM python", "FROM python:2")):
        report = compared(_WEIGHTS, _WEIGHTS.replace(before, after), budget(max_growth="10MB"))
        headline, _, fix = lines(report)
        assert "; to update, a machine pulls" in headline
        assert "move line" not in fix
