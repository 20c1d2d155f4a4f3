"""The page for browsers: what it may load and run, and that it shows every byte."""

import base64
import hashlib
import itertools
import json
import re
from functools import cache
from typing import Any

import pytest

from bot.compare.size_tree import add_size_trees
from bot.model.report import ImageState
from bot.report.formats.html.html_page import render_html
from tests.support.image_world import compared, image, review
from tests.support.page_cases import make_audit, make_review
from tests.support.report_cases import CASES, grows_for_weeks

_REVIEW = render_html(make_review())


@cache
def _render_audit(images: int) -> str:
    return render_html(make_audit(images))


_AUDIT = _render_audit(7)


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_allows_this_style_and_script_alone(tag: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', _REVIEW)
    assert policy
    blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", _REVIEW, re.DOTALL)
    assert len(blocks) == 1
    digest = base64.b64encode(hashlib.sha256(blocks[0].encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]


@pytest.mark.parametrize("name", CASES)
def test_no_attribute_holds_style_or_script(name: str) -> None:
    page = render_html(CASES[name]())
    assert not re.search(
        r"<[^>]* (style|on\w+)=", page.partition("<body>")[2].partition("<script>")[0]
    )


@pytest.mark.parametrize("name", CASES)
def test_headings_skip_no_level(name: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])>", render_html(CASES[name]()))]
    assert levels[0] == 1
    assert all(2 <= level <= above + 1 for above, level in itertools.pairwise(levels))


def test_each_of_several_images_has_a_heading() -> None:
    assert _AUDIT.count("<summary><h2>") == 7


def test_before_and_after_are_drawn_in_one_scale() -> None:
    heights = [int(x) for x in re.findall(r'class="map" width="100%" height="(\d+)"', _REVIEW)]
    report = make_review().images[0].comparison
    assert report.base
    assert report.head
    assert heights[:2] == [440 * report.base.unpacked_bytes // report.head.unpacked_bytes, 440]
    assert "<figcaption>before: 355 MB</figcaption>" in _REVIEW
    assert "<figcaption>after: 666 MB</figcaption>" in _REVIEW


def test_a_picture_has_layers_folders_files_and_packages() -> None:
    for title in (
        "RUN apt-get update",
        "usr/local/lib/python3.12",
        "gcc-12: ",
        "pypi: ",
        "hidden by later layers: ",
    ):
        assert f"<title>{title}" in _REVIEW
    assert "By layers and files" in _REVIEW
    assert "By packages" in _REVIEW


def test_an_image_of_unknown_files_shows_its_layers() -> None:
    page = render_html(review(compared(None, "FROM a 10MB / RUN b 5MB", state=ImageState.NEW)))
    assert "<title>RUN b: 5.00 MB, 33.3 %</title>" in page
    assert "By packages" not in page


def test_names_of_files_that_were_not_redacted_are_not_shown() -> None:
    hidden = image("FROM a 10MB", tree="etc/token-hunter2 9MB @1")
    report = review(compared(None, hidden, state=ImageState.NEW))
    assert "hunter2" not in render_html(report)
    assert "hunter2" in render_html(add_size_trees(report))


def test_the_trend_is_a_chart_with_its_bounds() -> None:
    page = render_html(grows_for_weeks())
    assert '<polyline points="' in page
    assert 'aria-label="Sizes of 14 commits, from 92.0 MB to 105 MB"' in page


def test_growth_by_cause_has_a_bar_for_each_cause() -> None:
    explained = CASES["explained"]()
    page = render_html(explained)
    causes = page.partition("<h3>What changed</h3>")[2].partition("</table>")[0]
    assert (
        causes.count('<rect class="more"') + causes.count('<rect class="less"')
        == causes.count("<tr>") - 1
        > 3
    )


def test_every_image_of_an_audit_is_linked_to_its_details() -> None:
    links = set(re.findall(r'href="#(image-\d+)"', _AUDIT))
    assert (
        links == set(re.findall(r'id="(image-\d+)"', _AUDIT)) == {f"image-{n}" for n in range(1, 8)}
    )


def test_rows_are_sorted_by_bytes() -> None:
    report = make_audit(7)
    body = _AUDIT.partition("<tbody>")[2].partition("</tbody>")[0]
    first = re.findall(r'data-value="(\d+)"', body.split("<tr>")[1])
    head = report.images[0].comparison.head
    assert head
    assert int(first[0]) == pytest.approx(head.unpacked_bytes, rel=0.01)


def test_a_suggestion_has_its_diff() -> None:
    suggestions = _REVIEW.partition("<h3>Suggestions</h3>")[2].partition("<h3>")[0]
    assert suggestions.count('<pre class="diff"') == 2
    assert "<del>-RUN apt-get update &amp;&amp; apt-get install -y gcc git\n</del>" in suggestions
    assert "<ins>+COPY --from=build /out /usr/local\n</ins>" in suggestions


def test_the_more_images_the_coarser_are_their_pictures() -> None:
    single = _render_audit(1).count('<svg class="leaf')
    many = _render_audit(40).count('<svg class="leaf')
    assert 40 * 10 < many < 2400
    assert many < 40 * single


def test_of_many_images_the_first_are_shown_in_full_and_the_others_in_brief() -> None:
    page = _render_audit(200)
    number = re.search(r"it shows the first (\d+) images in full, and the others", page)
    assert number
    # The last one could not be measured.
    images, first = _cut_images(page)[:-1], int(number[1])
    full, brief = images[:first], images[first:]
    assert len(full) == 10
    assert len(brief) == 189
    for shown in full:
        assert all(text in shown for text in ("By packages", "The largest as a list", "<polyline"))
    for shown in brief:
        assert '<svg class="leaf' in shown
        assert "By packages" not in shown
        assert shown.count("<td>file</td>") == 3
        assert "Full Dockerfile" not in shown
    assert any('<pre class="diff"' in shown for shown in brief)


def test_a_few_images_are_all_shown_in_full() -> None:
    page = _render_audit(30)
    assert "To keep this page small" not in page
    assert all("By packages" in shown for shown in _cut_images(page)[:-1])


def _cut_images(page: str) -> list[str]:
    return page.split('<details class="image"')[1:]


@pytest.mark.parametrize(("images", "most_bytes"), [(1, 100_000), (30, 750_000), (200, 1_500_000)])
def test_a_page_is_small_whatever_the_number_of_images(images: int, most_bytes: int) -> None:
    assert len(_render_audit(images).encode()) < most_bytes


def _read_files(page: str) -> dict[str, Any]:
    data = re.search(r'<script type="application/json" id="files">(.*?)</script>', page)
    assert data
    document: dict[str, Any] = json.loads(data[1])
    return document


def _list_files(page: str) -> list[tuple[str, str, str, list[str]]]:
    """Return the path, the size, the layer and the images of each row of the search."""
    data = _read_files(page)
    texts, numbers = data["texts"], iter(data["rows"])
    return [
        (
            f"{texts[folder]}/{texts[name]}",
            texts[size],
            data["layers"][layer][0],
            [data["images"][number - 1] for number in data["layers"][layer][1]],
        )
        for layer, folder, name, size in zip(numbers, numbers, numbers, numbers, strict=True)
    ]


def test_the_search_has_the_largest_files_with_their_layers_and_images() -> None:
    rows = _list_files(_AUDIT)
    report = make_audit(7)
    names = [image.spec.shown_name for image in report.images[:-1]]
    videos = [row for row in rows if row[0] == "/app/static/hero.mp4"]
    assert {row[2] for row in videos} == {"line 6: COPY . /app"}
    assert all(len(row[3]) == 1 for row in videos)
    perl = [row for row in rows if row[0].endswith("/libperl.so.5.36")]
    assert [sorted(row[3]) for row in perl] == [sorted(names)]
    assert perl[0][2].startswith("the base image: ")


def test_the_search_has_the_largest_of_each_of_many_images() -> None:
    rows = _list_files(_render_audit(200))
    of_images = {name for row in rows for name in row[3]}
    assert len(of_images) == 199
    assert len(rows) < 6000


def test_a_review_without_known_files_has_no_search() -> None:
    page = render_html(review(compared(None, "FROM a 10MB / RUN b 5MB", state=ImageState.NEW)))
    assert 'id="file-search"' not in page


def test_the_data_of_the_search_cannot_end_its_element() -> None:
    name = "</script><!--<b>"
    hidden = image("FROM a 10MB", tree=f"etc/{name.replace(' ', '')} 9MB @1")
    page = render_html(add_size_trees(review(compared(None, hidden, state=ImageState.NEW))))
    assert page.count("</script>") == 2
    assert any(row[0].endswith("b>") for row in _list_files(page))
